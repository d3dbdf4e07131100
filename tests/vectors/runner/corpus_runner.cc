// corpus_runner DIR [--only GLOB] [--floor FILE] [--if-present]
//
// Puts the cases of DIR to the test and prints each difference, counts by folder and file, the kinds that are
// not driven yet, and "N passed, N failed". GLOB matches FOLDER/FILE/ID, or a part of that which ends before
// a '/'. Exit code 0 when nothing failed; with --floor, when no file passed fewer cases than it says. A DIR
// that is not there is said in one line, and is no failure with --if-present.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "tests/support/glob.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
};

class Runner {
 public:
  explicit Runner(std::string only) : only_(std::move(only)) {}

  void run_folder(const std::filesystem::path& root, const std::filesystem::path& folder);
  Tally print_summary() const;
  bool holds_floor(const std::string& path) const;

 private:
  void run(const std::string& area, const Case& one);

  std::string only_;
  std::map<std::string, Tally> areas_;             // by FOLDER/FILE
  std::map<std::string, std::size_t> not_driven_;  // by kind
};

Json read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

std::vector<std::filesystem::path> json_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

// "interop/tokens/authlib": the path below DIR, and at least the file's own folder.
std::string area_of(const std::filesystem::path& root, const std::filesystem::path& file) {
  const auto below = std::filesystem::relative(file, root).replace_extension();
  return below.has_parent_path() ? below.string() : (file.parent_path().filename() / file.stem()).string();
}

// "attacks/alg-none/00-nodot" names its folder and file itself; an id that does not gets them in front.
std::string full_id(const std::string& area, const std::string& id) {
  return id.starts_with(area) ? id : area + '/' + id;
}

void Runner::run(const std::string& area, const Case& one) {
  const std::string id = full_id(area, one.id);
  if (!matches_prefix(only_, id) && !matches_prefix(only_, one.id)) return;
  Differences differences;
  try {
    differences = one.judge();
  } catch (const NotDriven& kind) {
    ++not_driven_[kind.what()];
    return;
  } catch (const std::exception& error) {
    differences.push_back(fmt::format("not run: {}", error.what()));
  }
  ++(differences.empty() ? areas_[area].passed : areas_[area].failed);
  if (!differences.empty()) fmt::print("FAILED {}\n", id);
  for (const std::string& line : differences) fmt::print("    {}\n", line);
}

// By what a file is, and not by where it lies.
Cases cases_of(const Json& file, const std::filesystem::path& path, AttackHosts* hosts) {
  const std::string format = file.is_object() ? file.value("format", "") : "";
  if (format.starts_with("gatehouse-vectors/attacks/") && hosts) return cases_of_attacks(file, *hosts);
  if (format.starts_with("gatehouse-vectors/interop-jwks/")) return cases_of_jwks(file);
  if (format.starts_with("gatehouse-vectors/interop-tokens/"))
    return cases_of_tokens(file, read(path.parent_path() / file.at("keys").get<std::string>()));
  if (format.starts_with("gatehouse-vectors/interop-discovery/"))
    return cases_of_discovery(file, read(path.parent_path().parent_path() / "jwks" / path.filename()));
  if (file.is_object() && file.contains("testGroups")) return cases_of_wycheproof(file);
  if (file.is_object() && file.contains("source")) return cases_of_rfc(file);
  return {};
}

void Runner::run_folder(const std::filesystem::path& root, const std::filesystem::path& folder) {
  std::optional<AttackSetup> setup;
  std::optional<AttackHosts> hosts;
  if (std::filesystem::exists(folder / "setup.json")) {
    setup.emplace(read(folder / "setup.json"));
    hosts.emplace(*setup);
  }
  for (const auto& path : json_files(folder)) {
    const Json file = read(path);
    for (const Case& one : cases_of(file, path, hosts ? &*hosts : nullptr)) run(area_of(root, path), one);
  }
}

Tally Runner::print_summary() const {
  Tally sum;
  for (const auto& [area, tally] : areas_) {
    fmt::print("{:<48} {:>4} passed, {} failed\n", area, tally.passed, tally.failed);
    sum.passed += tally.passed;
    sum.failed += tally.failed;
  }
  std::string kinds;
  for (const auto& [kind, count] : not_driven_)
    kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, kind);
  if (!kinds.empty()) fmt::print("not driven yet: {}\n", kinds);
  fmt::print("{} passed, {} failed\n", sum.passed, sum.failed);
  return sum;
}

bool Runner::holds_floor(const std::string& path) const {
  bool holds = true;
  const Json floors = read(path);
  for (const auto& [area, floor] : floors.items()) {
    const auto found = areas_.find(area);
    const std::size_t passed = found == areas_.end() ? 0 : found->second.passed;
    if (passed < floor.get<std::size_t>()) {
      fmt::print("FAILED floor: {} passed {} cases, {} demands {}\n", area, passed, path, floor.dump());
      holds = false;
    }
    if (passed > floor.get<std::size_t>()) fmt::print("raise the floor of {} to {}\n", area, passed);
  }
  return holds;
}

// What is too large to be kept with the sources, and is read where it lies beside the rest.
void print_absent(const std::filesystem::path& directory) {
  if (!std::filesystem::exists(directory / "rfc")) return;
  std::string absent;
  for (const char* name : {"wycheproof", "rfc/rfc7520.json"})
    if (!std::filesystem::exists(directory / name))
      absent += fmt::format("{}{}", absent.empty() ? "" : ", ", name);
  if (!absent.empty()) fmt::print("not here, and not judged: {}\n", absent);
}

int run(int argc, char** argv) {
  std::string directory;
  std::string only = "*";
  std::string floor;
  CLI::App app("Puts tokens, keys and requests of a corpus to the test");
  bool may_be_absent = false;
  app.add_option("DIR", directory, "folder with attacks/ and others")->required();
  app.add_option("--only", only, "glob of FOLDER/FILE/ID, such as 'attacks/{crit,json}'");
  app.add_option("--floor", floor, "fewest cases a file has to pass")->check(CLI::ExistingFile);
  app.add_flag("--if-present", may_be_absent, "no failure when DIR is not there");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!std::filesystem::is_directory(directory)) {
    fmt::print("{} is not here\n", directory);
    return may_be_absent ? 0 : 2;
  }
  print_absent(directory);
  Runner runner(only);
  std::vector<std::filesystem::path> folders{directory};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::ranges::sort(folders);
  for (const auto& folder : folders) runner.run_folder(directory, folder);
  const Tally sum = runner.print_summary();
  if (sum.passed + sum.failed == 0) {
    fmt::print(stderr, "corpus_runner: no case of {} matches {}\n", directory, only);
    return 2;
  }
  if (!floor.empty()) return runner.holds_floor(floor) ? 0 : 1;
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse::vectors

int main(int argc, char** argv) {
  try {
    return gatehouse::vectors::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "corpus_runner: " << error.what() << '\n';
    return 2;
  }
}
