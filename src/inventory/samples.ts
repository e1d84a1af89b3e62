/** One small file of each format outside npm, written for the tests: where it lies, and how many entries it lists. */
export interface Sample {
  readonly path: string;
  readonly lists: number;
  readonly text: string;
}

const h = (digit: string): string => digit.repeat(64);

export const samples: Readonly<Record<string, Sample>> = {
  "python/uv-lock": {
    path: "uv.lock",
    lists: 2,
    text: `version = 1\n\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "left" }]\n\n[package.dev-dependencies]\ndev = [{ name = "right" }]\n\n[[package]]\nname = "left"\nversion = "1.0"\nsource = { registry = "https://registry.example/simple" }\nsdist = { url = "https://registry.example/left.tar.gz", hash = "sha256:${h("a")}" }\n\n[[package]]\nname = "right"\nversion = "2.0"\nsource = { git = "https://git.example/right?rev=main#0123456789abcdef0123456789abcdef01234567" }\n`,
  },
  "python/poetry-lock": {
    path: "poetry.lock",
    lists: 2,
    text: `[[package]]\nname = "left"\nversion = "1.0"\noptional = false\ngroups = ["main"]\nfiles = [\n    {file = "left.whl", hash = "sha256:${h("a")}"},\n]\n\n[package.dependencies]\nRight-Hand = ">=2"\n\n[[package]]\nname = "right_hand"\nversion = "2.0"\ngroups = ["dev"]\nfiles = []\n\n[metadata]\nlock-version = "2.1"\n`,
  },
  "python/pdm-lock": {
    path: "pdm.lock",
    lists: 2,
    text: `[metadata]\nlock_version = "4.5.0"\n\n[[package]]\nname = "left"\nversion = "1.0"\ngroups = ["default"]\ndependencies = ["right>=2; os_name == 'nt'"]\nfiles = [\n    {file = "left.whl", hash = "sha256:${h("a")}"},\n]\n\n[[package]]\nname = "right"\nversion = "2.0"\ngroups = ["dev"]\n`,
  },
  "python/pylock": {
    path: "pylock.dev.toml",
    lists: 2,
    text: `lock-version = "1.0"\n\n[[packages]]\nname = "left"\nversion = "1.0"\ndependencies = [{ name = "right" }]\nwheels = [{ name = "left.whl", hashes = { sha256 = "${h("a")}" } }]\n\n[[packages]]\nname = "right"\nvcs = { type = "git", url = "https://git.example/right", commit-id = "0123456789abcdef0123456789abcdef01234567" }\n`,
  },
  "python/pipfile-lock": {
    path: "Pipfile.lock",
    lists: 3,
    text: `{\n  "_meta": { "pipfile-spec": 6 },\n  "default": {\n    "left": { "hashes": ["sha256:${h("a")}"], "version": "==1.0" },\n    "here": { "git": "https://git.example/here", "ref": "0123456789abcdef0123456789abcdef01234567" }\n  },\n  "develop": { "right": { "version": "==2.0" } }\n}\n`,
  },
  "python/conda-lock": {
    path: "conda-lock.yml",
    lists: 2,
    text: `version: 1\npackage:\n- name: left\n  version: 1.0\n  manager: conda\n  platform: linux-64\n  dependencies:\n    right: '>=2'\n    __glibc: '>=2.17'\n  url: https://registry.example/main/linux-64/left-1.0-0.conda\n  hash:\n    sha256: ${h("a")}\n  category: main\n- name: right\n  version: '2.10'\n  manager: pip\n  platform: linux-64\n  category: dev\n`,
  },
  "python/conda-meta": {
    path: "conda-meta/left-1.0-0.json",
    lists: 1,
    text: `{\n  "name": "left",\n  "version": "1.0",\n  "build_string": "0",\n  "channel": "https://registry.example/main",\n  "subdir": "linux-64"\n}\n`,
  },
  "python/requirements": {
    path: "requirements-dev.txt",
    lists: 5,
    text: `# tools\nleft==1.0 --hash=sha256:${h("a")} \\\n    --hash=sha256:${h("b")}\nright[x,y]>=2.0,<3 ; python_version > "3.8"\nthere @ https://registry.example/there-3.0.zip\ngit+https://git@git.example/repo.git@v1#egg=fourth\nfifth==\${SECRET}\n--index-url https://registry.example/simple\n`,
  },
  "python/pyproject": {
    path: "pyproject.toml",
    lists: 3,
    text: `[project]\nname = "app"\nversion = "1"\ndependencies = ["left==1.0", "right>=2"]\n\n[dependency-groups]\ntest = ["third"]\n`,
  },
  "python/setup": {
    path: "setup.py",
    lists: 3,
    text: `from setuptools import setup\nsetup(\n  name='app',\n  install_requires=['left==1.0', "right>=2"],  # 'not'\n  extras_require={'x': ['third']},\n)\n`,
  },
  "python/metadata": {
    path: "left-1.0.dist-info/METADATA",
    lists: 1,
    text: `Metadata-Version: 2.1\nName: Left.Hand\nVersion: 1.0\nLicense: MIT\n\nName: not this\n`,
  },
  "java/gradle-lock": {
    path: "gradle.lockfile",
    lists: 2,
    text: `# comment\norg.left:left:1.0=compileClasspath,runtimeClasspath\norg.right:right:2.0=testCompileClasspath\nempty=annotationProcessor\n`,
  },
  "java/gradle-verification": {
    path: "gradle/verification-metadata.xml",
    lists: 1,
    text: `<?xml version="1.0" encoding="UTF-8"?>\n<verification-metadata>\n  <components>\n    <component group="org.left" name="left" version="1.0">\n      <artifact name="left-1.0.jar"><sha256 value="${h("a")}"><also-trust value="${h("b")}"/></sha256></artifact>\n    </component>\n  </components>\n</verification-metadata>\n`,
  },
  "java/gradle-catalog": {
    path: "gradle/libs.versions.toml",
    lists: 3,
    text: `[versions]\nv = "1.0"\n\n[libraries]\nleft = { module = "org.left:left", version.ref = "v" }\nright = "org.right:right:2.0"\n\n[plugins]\np = { id = "org.plug", version = "3.0" }\n`,
  },
  "java/pom": {
    path: "pom.xml",
    lists: 3,
    text: `<project>\n  <groupId>org.app</groupId><artifactId>app</artifactId><version>1</version>\n  <properties><v>1.0</v></properties>\n  <dependencyManagement><dependencies><dependency><groupId>org.right</groupId><artifactId>right</artifactId><version>2.0</version></dependency></dependencies></dependencyManagement>\n  <dependencies>\n    <dependency><groupId>org.left</groupId><artifactId>left</artifactId><version>\${v}</version></dependency>\n    <dependency><groupId>org.right</groupId><artifactId>right</artifactId><scope>test</scope></dependency>\n    <dependency><groupId>org.third</groupId><artifactId>third</artifactId><version>\${unknown}</version></dependency>\n  </dependencies>\n</project>\n`,
  },
  "bazel/maven-install": {
    path: "maven_install.json",
    lists: 2,
    text: `{ "version": "2", "artifacts": {\n "org.left:left": { "version": "1.0", "shasums": { "jar": "${h("a")}" } },\n "org.right:right": { "version": "2.0" } },\n "dependencies": { "org.left:left": ["org.right:right"] } }\n`,
  },
  "bazel/build": {
    path: "MODULE.bazel",
    lists: 2,
    text: `module(name = "app", version = "1")\nbazel_dep(name = "rules", version = "3.0")\nmaven = use_extension("@rules_jvm_external//:extensions.bzl", "maven")\nV = "1" + ".0"\nmaven.install(artifacts = ["org.left:left:" + V])\n`,
  },
  "go/mod": {
    path: "go.mod",
    lists: 4,
    text: `module example.com/app // mine\n\ngo 1.24\n\nrequire (\n\texample.com/left v1.0.0\n\texample.com/right v2.0.0+incompatible // indirect\n)\n\nrequire example.com/local v0.1.0\n\nreplace example.com/local => ../local\n`,
  },
  "go/vendor-modules": {
    path: "vendor/modules.txt",
    lists: 2,
    text: `# example.com/left v1.0.0\n## explicit; go 1.24\nexample.com/left/pkg\n# example.com/right v2.0.0\nexample.com/right\n`,
  },
  "rust/cargo-lock": {
    path: "Cargo.lock",
    lists: 3,
    text: `version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "left 1.0.0",\n "right",\n]\n\n[[package]]\nname = "left"\nversion = "1.0.0"\nsource = "registry+https://registry.example/index"\nchecksum = "${h("a")}"\n\n[[package]]\nname = "left"\nversion = "2.0.0"\nsource = "registry+https://registry.example/index"\n\n[[package]]\nname = "right"\nversion = "3.0.0"\nsource = "git+https://git.example/right?branch=main#0123456789abcdef0123456789abcdef01234567"\ndependencies = [\n "left 2.0.0",\n]\n`,
  },
  "rust/cargo-toml": {
    path: "Cargo.toml",
    lists: 3,
    text: `[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nleft = "=1.0.0"\nright = { version = "2", optional = true }\n\n[dev-dependencies]\nthird = { git = "https://git.example/third" }\n`,
  },
  "ruby/gemfile-lock": {
    path: "Gemfile.lock",
    lists: 4,
    text: `GIT\n  remote: https://git.example/here.git\n  revision: 0123456789abcdef0123456789abcdef01234567\n  specs:\n    here (0.1)\n\nGEM\n  remote: https://registry.example/\n  specs:\n    left (1.0)\n      right (>= 2)\n    right (2.0-x86_64-linux)\n    right (2.0)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  here!\n  left (~> 1.0)\n\nCHECKSUMS\n  left (1.0) sha256=${h("a")}\n\nBUNDLED WITH\n   2.6.0\n`,
  },
  "ruby/gemspec": {
    path: "app.gemspec",
    lists: 2,
    text: `Gem::Specification.new do |spec|\n  spec.name = "app"\n  spec.version = "1.0"\n  spec.add_dependency "left", "~> 1.0", ">= 1.0.2"\n  spec.add_development_dependency 'right'\nend\n`,
  },
  "php/composer-lock": {
    path: "composer.lock",
    lists: 2,
    text: `{\n  "packages": [\n    {\n      "name": "v/left",\n      "version": "v1.0.0",\n      "dist": { "type": "zip", "url": "https://registry.example/left.zip", "shasum": "${"a".repeat(40)}" },\n      "require": { "php": ">=8", "v/right": "^2" },\n      "license": ["MIT"]\n    }\n  ],\n  "packages-dev": [{ "name": "v/right", "version": "2.0.0" }]\n}\n`,
  },
  "php/composer-installed": {
    path: "vendor/composer/installed.json",
    lists: 2,
    text: `{ "packages": [{ "name": "v/left", "version": "1.0.0" }, { "name": "v/right", "version": "2.0.0" }], "dev-package-names": ["v/right"] }\n`,
  },
  "dotnet/packages-lock": {
    path: "packages.lock.json",
    lists: 2,
    text: `{ "version": 2, "dependencies": { "net8.0": {\n  "Left": { "type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0", "contentHash": "${Buffer.alloc(64, 1).toString("base64")}", "dependencies": { "right": "2.0.0" } },\n  "Right": { "type": "Transitive", "resolved": "2.0.0" },\n  "other": { "type": "Project" }\n} } }\n`,
  },
  "dotnet/paket-lock": {
    path: "paket.lock",
    lists: 3,
    text: `NUGET\n  remote: https://registry.example/v3/index.json\n    Left (1.0)\n      Right (>= 2.0)\n    Right (2.0)\nGITHUB\n  remote: owner/repo\n    src/file.fs (0123456789abcdef0123456789abcdef01234567)\n`,
  },
  "dotnet/paket-dependencies": {
    path: "paket.dependencies",
    lists: 3,
    text: `source https://registry.example/v3/index.json\nnuget Left 1.0\nnuget Right >= 2.0 lowest_matching: true\ngithub owner/repo:v3 // comment\n`,
  },
  "dotnet/packages-config": {
    path: "packages.config",
    lists: 2,
    text: `<packages>\n  <package id="Left" version="1.0" />\n  <package id="Right" version="2.0" developmentDependency="true" />\n</packages>\n`,
  },
  "dotnet/central-packages": {
    path: "Directory.Packages.props",
    lists: 2,
    text: `<Project>\n  <PropertyGroup><V>1.0</V></PropertyGroup>\n  <ItemGroup>\n    <PackageVersion Include="Left" Version="$(V)" />\n    <PackageVersion Include="Right" Version="[2.0,3.0)" />\n  </ItemGroup>\n</Project>\n`,
  },
  "dotnet/csproj": {
    path: "app.csproj",
    lists: 2,
    text: `<Project Sdk="Microsoft.NET.Sdk">\n  <ItemGroup>\n    <PackageReference Include="Left" Version="1.0" />\n    <PackageReference Include="Right"><Version>2.*</Version><PrivateAssets>all</PrivateAssets></PackageReference>\n  </ItemGroup>\n</Project>\n`,
  },
  "dotnet/deps-json": {
    path: "app.deps.json",
    lists: 2,
    text: `{ "targets": { "net8.0": { "App/1.0.0": { "dependencies": { "Left": "1.0.0" } } } },\n "libraries": { "App/1.0.0": { "type": "project", "sha512": "" },\n "Left/1.0.0": { "type": "package", "sha512": "sha512-${Buffer.alloc(64, 1).toString("base64")}" } } }\n`,
  },
  "dart/pubspec-lock": {
    path: "pubspec.lock",
    lists: 2,
    text: `packages:\n  left:\n    dependency: "direct main"\n    description:\n      name: left\n      sha256: "${h("a")}"\n      url: "https://registry.example"\n    source: hosted\n    version: "1.10"\n  right:\n    dependency: transitive\n    description:\n      url: "https://git.example/right"\n      resolved-ref: "0123456789abcdef0123456789abcdef01234567"\n    source: git\n    version: "2.0.0"\n`,
  },
  "hex/mix-lock": {
    path: "mix.lock",
    lists: 3,
    text: `%{\n  "left": {:hex, :left, "1.0.0", "${h("b")}", [:mix], [{:right, "~> 2.0", [hex: :right, repo: "hexpm", optional: false]}], "hexpm", "${h("a")}"},\n  "right": {:hex, :right, "2.0.0", "${h("b")}", [:rebar3], [], "hexpm", "${h("c")}"},\n  "here": {:git, "https://git.example/here.git", "0123456789abcdef0123456789abcdef01234567", [branch: "main"]},\n}\n`,
  },
  "hex/rebar-lock": {
    path: "rebar.lock",
    lists: 2,
    text: `{"1.2.0",\n[{<<"left">>,{pkg,<<"left">>,<<"1.0.0">>},0},\n {<<"here">>,\n  {git,"https://git.example/here.git",\n       {ref,"0123456789abcdef0123456789abcdef01234567"}},\n  1}]}.\n[\n{pkg_hash,[\n {<<"left">>, <<"${h("B")}">>}]},\n{pkg_hash_ext,[\n {<<"left">>, <<"${h("A")}">>}]}\n].\n`,
  },
  "hex/gleam-manifest": {
    path: "manifest.toml",
    lists: 2,
    text: `packages = [\n  { name = "left", version = "1.0.0", build_tools = ["gleam"], requirements = ["right"], source = "hex", outer_checksum = "${h("A")}" },\n  { name = "right", version = "2.0.0", requirements = [], source = "hex", outer_checksum = "${h("B")}" },\n]\n\n[requirements]\nleft = { version = ">= 1.0.0 and < 2.0.0" }\n`,
  },
  "hex/gleam-toml": {
    path: "gleam.toml",
    lists: 2,
    text: `name = "app"\nversion = "1.0.0"\n\n[dependencies]\nleft = ">= 1.0.0 and < 2.0.0"\n\n[dev-dependencies]\nright = "2.0.0"\n`,
  },
  "haskell/cabal-freeze": {
    path: "cabal.project.freeze",
    lists: 3,
    text: `active-repositories: registry.example:merge\nconstraints: any.left ==1.0,\n             left +flag -other,\n             any.right ==2.0.1,\n             third ==3\nindex-state: 2024-01-01T00:00:00Z\n`,
  },
  "haskell/stack-lock": {
    path: "stack.yaml.lock",
    lists: 2,
    text: `packages:\n- completed:\n    hackage: left-hand-1.0.2@sha256:${h("a")},100\n  original:\n    hackage: left-hand-1.0.2\n- completed:\n    name: right\n    version: 2.0\n    git: https://git.example/right\n    commit: 0123456789abcdef0123456789abcdef01234567\nsnapshots: []\n`,
  },
  "r/renv-lock": {
    path: "renv.lock",
    lists: 3,
    text: `{ "R": { "Version": "4.4.0" }, "Packages": {\n "left": { "Package": "left", "Version": "1.0-1", "Source": "Repository", "Repository": "CRAN", "Requirements": ["R", "right"] },\n "right": { "Package": "right", "Version": "2.0", "Source": "Bioconductor" },\n "third": { "Package": "third", "Version": "3.0", "Source": "GitHub", "RemoteUsername": "o", "RemoteRepo": "r", "RemoteSha": "0123456789abcdef0123456789abcdef01234567" } } }\n`,
  },
  "swift/package-resolved": {
    path: "Package.resolved",
    lists: 2,
    text: `{ "pins": [\n { "identity": "left", "kind": "remoteSourceControl", "location": "https://git.example/o/Left.git", "state": { "revision": "0123456789abcdef0123456789abcdef01234567", "version": "1.0.0" } },\n { "identity": "right", "kind": "remoteSourceControl", "location": "git@git.example:o/right.git", "state": { "branch": "main", "revision": "0123456789abcdef0123456789abcdef01234567" } }\n ], "version": 2 }\n`,
  },
  "swift/podfile-lock": {
    path: "Podfile.lock",
    lists: 3,
    text: `PODS:\n  - Left (1.0):\n    - Left/Core (= 1.0)\n  - Left/Core (1.0)\n  - Right (2.10)\n\nDEPENDENCIES:\n  - Left (~> 1.0)\n  - Right (from \`https://git.example/right.git\`)\n\nCHECKOUT OPTIONS:\n  Right:\n    :commit: 0123456789abcdef0123456789abcdef01234567\n    :git: https://git.example/right.git\n\nCOCOAPODS: 1.15.2\n`,
  },
  "cpp/conan-lock": {
    path: "conan.lock",
    lists: 2,
    text: `{ "version": "0.5", "requires": ["left/1.0@user/channel#abc%1.5"], "build_requires": ["right/2.0#def"] }\n`,
  },
  "julia/manifest": {
    path: "Manifest.toml",
    lists: 2,
    text: `manifest_format = "2.0"\n\n[[deps.Left]]\ndeps = ["Right"]\ngit-tree-sha1 = "0123456789abcdef0123456789abcdef01234567"\nuuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"\nversion = "1.0.0"\n\n[[deps.Right]]\nuuid = "4ec0a83e-493e-50e2-b9ac-8f72acf5a8f5"\n`,
  },
  "julia/project": {
    path: "Project.toml",
    lists: 1,
    text: `name = "App"\nversion = "0.1.0"\n\n[deps]\nLeft = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"\n\n[compat]\nLeft = "=1.0.0"\n`,
  },
  "ocaml/opam-locked": {
    path: "app.opam.locked",
    lists: 2,
    text: `opam-version: "2.0"\n# "comment" {= "9"}\ndepends: [\n  "left" {= "1.0"}\n  "right" {= "2.0" & with-test}\n]\n`,
  },
  "ocaml/opam-installed": { path: ".opam-switch/install", lists: 2, text: `left.1.0\nright.2.0+x\n` },
  "perl/cpanfile-snapshot": {
    path: "cpanfile.snapshot",
    lists: 2,
    text: `# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Left-Hand-1.0\n    pathname: L/LE/LEFT/Left-Hand-1.0.tar.gz\n    provides:\n      Left::Hand 1.0\n    requirements:\n      Right 2\n      perl 5.010\n  Right-v2.0.1\n    provides:\n      Right v2.0.1\n    requirements:\n`,
  },
  "perl/cpan-meta": { path: "META.yml", lists: 1, text: `---\nname: Left-Hand\nversion: 1.10\n` },
  "github/workflow": {
    path: ".github/workflows/ci.yml",
    lists: 4,
    text: `name: ci\non: push\njobs:\n  a:\n    steps:\n      - uses: o/left@v1\n      - uses: o/right/sub@0123456789abcdef0123456789abcdef01234567\n      - uses: ./here\n      - uses: docker://image:1\n  b:\n    uses: o/flow/.github/workflows/x.yml@main\n`,
  },
  "os/dpkg": {
    path: "var/lib/dpkg/status",
    lists: 3,
    text: `Package: left\nStatus: install ok installed\nArchitecture: amd64\nSource: src (1.0-0)\nVersion: 1.0-1\nDepends: absent | right (>= 2), virtual\nDescription: a\n b\n\nPackage: right\nStatus: install ok installed\nVersion: 2.0\nProvides: virtual (= 1)\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 3\n\nPackage: broken\nStatus: install ok installed\n`,
  },
  "os/opkg": {
    path: "usr/lib/opkg/status",
    lists: 1,
    text: `Package: left\nVersion: 1.0-r1\nStatus: install user installed\nArchitecture: x86_64\nAuto-Installed: yes\n`,
  },
  "os/apk": {
    path: "lib/apk/db/installed",
    lists: 2,
    text: `C:Q1abc=\nP:left\nV:1.0-r0\nA:x86_64\nL:MIT\no:origin\nD:so:libright.so.1 !other\n\nP:right\nV:2.0-r1\np:so:libright.so.1=1.0\nF:lib\nR:x\n\n`,
  },
  "os/pacman": {
    path: "var/lib/pacman/local/left-1.0-1/desc",
    lists: 1,
    text: `%NAME%\nleft\n\n%VERSION%\n1:1.0-1\n\n%ARCH%\nx86_64\n\n%LICENSE%\nMIT\n\n%REASON%\n1\n`,
  },
};
