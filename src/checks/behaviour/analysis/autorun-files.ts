/** Which files of a package say what runs by itself: their text is kept while a release is read. */
import { isSetting } from "./autorun-settings.ts";
import { SHRINKWRAP } from "./files-shrinkwrap.ts";

const telling: readonly RegExp[] = [
  /^package\.json$/,
  /^binding\.gyp$/,
  /^setup\.(?:py|cfg)$/,
  /^pyproject\.toml$/,
  /(?:^|\/)[^/]+\.pth$/,
  /(?:^|\/)(?:sitecustomize|usercustomize)\.py$/,
  /^(?:[^/]+\.dist-info\/METADATA|PKG-INFO|[^/]+\.egg-info\/PKG-INFO)$/,
  /^(?:[^/]+\.dist-info|(?:src\/)?[^/]+\.egg-info)\/entry_points\.txt$/,
  /^(?:build\.rs|Cargo\.toml)$/,
  /(?:^|\/)(?:extconf|rubygems_plugin)\.rb$/,
  /^[^/]+\.gemspec$/,
  /^metadata\.gz$/,
  /(?:^|\/)(?:GNUmakefile|[Mm]akefile)(?:\.(?:am|in))?$/,
  /(?:^|\/)configure(?:\.ac|\.in)?$/,
  /(?:^|\/)[^/]+\.m4$/,
  /(?:^|\/)CMakeLists\.txt$/,
  /^\.github\/workflows\/[^/]+\.ya?ml$/,
  /^action\.ya?ml$/,
  /^\.vscode\/tasks\.json$/,
  /^\.(?:claude|gemini|cursor)\/(?:settings(?:\.local)?|hooks)\.json$/,
  /^\.(?:husky|githooks)\/[^/]+$/,
  /^(?:DEBIAN\/)?(?:preinst|postinst|prerm|postrm)$/,
];

export const isTelling = (path: string): boolean => path === SHRINKWRAP || isSetting(path) || telling.some((pattern) => pattern.test(path));
