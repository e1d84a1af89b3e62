/**
 * npm packages that nearly everybody who uses npm has met: the names worth imitating. A small list, made by hand from the names that
 * real lockfiles hold most often and that reports of imitations name; it says nothing about any other package. Names of fewer than five
 * letters are near too many others to be compared, and stand here for aliases only.
 */
export const wellKnown: ReadonlySet<string> = new Set(
  `
  @angular/cli @angular/common @angular/core @aws-sdk/client-s3 @babel/cli @babel/core @babel/parser @babel/preset-env @babel/runtime
  @babel/types @emotion/react @emotion/styled @eslint/js @hapi/hapi @jest/core @mui/material @nestjs/common @nestjs/core @octokit/rest
  @prisma/client @reduxjs/toolkit @rollup/plugin-commonjs @rollup/plugin-node-resolve @sentry/browser @sentry/node @storybook/react
  @supabase/supabase-js @swc/core @tanstack/react-query @testing-library/jest-dom @testing-library/react @types/estree @types/express
  @types/jest @types/json-schema @types/lodash @types/node @types/react @types/react-dom @typescript-eslint/eslint-plugin
  @typescript-eslint/parser @vitejs/plugin-react @vue/cli @vue/compiler-sfc abort-controller acorn agent-base ajv ansi-regex ansi-styles
  anymatch apollo-client apollo-server argparse array-flatten ast-types async aws-sdk axios axios-retry babel-core babel-eslint babel-jest
  babel-loader babel-polyfill babel-preset-env babel-runtime balanced-match base64-js bcrypt bcryptjs better-sqlite3 bluebird body-parser
  bootstrap brace-expansion browserify browserslist buffer-from camelcase caniuse-lite chai chalk chart.js cheerio chokidar ci-info
  classnames cli-cursor cliui clsx coffee-script color-convert color-name colorette colors combined-stream commander compression
  concat-stream concurrently connect content-disposition content-type convert-source-map cookie cookie-parser cookie-signature copy-webpack-plugin
  core-js core-util-is cors cosmiconfig create-react-app cross-env cross-fetch cross-spawn crypto-js css-loader csstype cypress d3 date-fns
  dayjs debug decamelize deep-equal deepmerge define-properties depd detect-libc discord.js dom-serializer dotenv duplexify ecc-jsbn
  electron electron-builder electron-to-chromium emoji-regex encodeurl end-of-stream enhanced-resolve error-ex es-abstract esbuild escalade
  escape-html escape-string-regexp eslint eslint-config-prettier eslint-plugin-import eslint-plugin-react eslint-scope eslint-utils espree esprima
  esquery estraverse esutils ethers event-stream eventemitter3 execa express express-session extend fast-deep-equal fast-glob
  fast-json-stable-stringify fast-levenshtein fastify fastq fb-watchman figures file-loader fill-range finalhandler find-up firebase
  firebase-admin flat-cache follow-redirects for-each forever form-data formidable framer-motion fs-extra fs-minipass fs.realpath fsevents
  fstream function-bind gatsby get-caller-file get-intrinsic get-stream getpass glob glob-parent globals globby got graceful-fs graphql
  graphql-tag grunt gulp gulp-sass handlebars har-validator hardhat has-flag has-symbols hasown hosted-git-info html-entities
  html-webpack-plugin http-errors http-proxy http-proxy-agent http-proxy-middleware http-signature https-proxy-agent husky iconv-lite ieee754 ignore immer
  immutable import-fresh imurmurhash inflight inherits inquirer ioredis ipaddr.js is-arrayish is-core-module is-extglob is-fullwidth-code-point
  is-glob is-number is-plain-object is-stream is-typedarray isarray isexe isobject isomorphic-fetch isstream istanbul jasmine jest jest-worker
  jquery js-tokens js-yaml jsbn jsdom jsesc json-parse-better-errors json-schema json-schema-traverse json-stringify-safe json5 jsonfile jsonwebtoken
  jsprim karma keyv kind-of knex ky less less-loader levn lint-staged loader-utils locate-path lodash lodash.debounce lodash.get lodash.merge
  lodash-es log4js loose-envify lru-cache luxon magic-string make-dir mariadb marked media-typer memfs merge-descriptors merge-stream merge2
  micromatch mime mime-db mime-types mini-css-extract-plugin minimatch minimist minipass mkdirp mocha moment moment-timezone mongodb mongoose
  morgan ms multer mysql mysql2 nan nanoid natural-compare neo-async next node-fetch node-forge node-gyp node-pre-gyp node-releases node-sass
  nodemailer nodemon nopt normalize-package-data normalize-path npm npm-run-path npmlog number-is-nan nuxt object-assign object-inspect
  object-keys on-finished once open optionator ora p-limit p-locate p-map p-try parse-json parse5 parseurl passport path-exists path-key
  path-parse path-to-regexp performance-now phantomjs phantomjs-prebuilt pick picocolors picomatch pino playwright pm2 postcss postcss-loader
  postcss-value-parser preact prebuild-install prelude-ls prettier pretty-format prisma process-nextick-args progress promise prompts prop-types
  proxy-addr proxy-agent pump punycode puppeteer puppeteer-core qs querystring queue-microtask radium range-parser raw-body react react-dom
  react-is react-native react-redux react-router react-router-dom react-scripts read-pkg readable-stream readdirp redis redux redux-thunk
  regenerator-runtime request request-promise require-directory resolve resolve-from restore-cursor retry reusify rimraf rollup run-parallel rxjs safe-buffer
  safer-buffer sass sass-loader sax scheduler schema-utils selenium-webdriver semver send sequelize serialize-javascript serve serve-static
  set-blocking setprototypeof sharp shebang-command shebang-regex shelljs signal-exit sinon slash socket.io socket.io-client solc source-map
  source-map-js source-map-support spdx-correct split2 sprintf-js sqlite3 sshpk statuses stream-browserify string-width string_decoder
  strip-ansi strip-bom strip-json-comments styled-components stylelint stylus superagent supertest supports-color svelte svgo swagger-ui-express
  tailwindcss tapable tar tar-stream telegraf terser terser-webpack-plugin text-table three through through2 tmp to-regex-range toidentifier
  tough-cookie tree-kill truffle ts-jest ts-loader ts-node tsconfig-paths tslib tslint tunnel-agent tweetnacl type-check type-fest type-is
  typeorm typescript ua-parser-js uglify-js underscore underscore.string undici universalify unpipe uri-js url-loader util-deprecate utils-merge
  uuid validate-npm-package-license validator vary verror vite vitest vue vue-loader vue-router vuex wcwidth web3 webdriverio webidl-conversions
  webpack webpack-cli webpack-dev-server webpack-merge whatwg-fetch whatwg-url which winston wrap-ansi wrappy write-file-atomic ws xml2js
  xmlbuilder xtend y18n yallist yaml yargs yargs-parser yeoman-generator yocto-queue zod zone.js
  `
    .trim()
    .split(/\s+/),
);
