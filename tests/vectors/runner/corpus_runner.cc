// corpus_runner DIR [--only GLOB] [--floor FILE]
//
// Puts the cases of DIR to the test and prints each difference, counts by folder and file, the kinds that are
// not driven yet, and "N passed, N failed". GLOB matches FOLDER/FILE/ID, or a part of that which ends before
// a
// '/'. Exit code 0 when nothing failed; with --floor, when no file passed fewer cases than it says.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>

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

  void run_attacks(const std::filesystem::path& folder);
  void run_others(const std::filesystem::path& folder);
  Tally print_summary() const;
  bool holds_floor(const std::string& path) const;

 private:
  using Judge = std::function<Differences(const Json&)>;
  void run_file(const std::string& area, const Json& file, const std::map<std::string, Judge>& judges);

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

// "attacks/alg-none/00-nodot" names its folder and file itself; an id that does not gets them in front.
std::string full_id(const std::string& area, const std::string& id) {
  return id.starts_with(area + '/') ? id : area + '/' + id;
}

void Runner::run_file(const std::string& area, const Json& file, const std::map<std::string, Judge>& judges) {
  for (const Json& one : file.at("cases")) {
    const std::string id = full_id(area, one.at("id"));
    if (!matches_prefix(only_, id)) continue;
    const std::string kind = one.value("kind", "unnamed");
    const auto judge = judges.find(kind);
    if (judge == judges.end()) {
      ++not_driven_[kind];
      continue;
    }
    Differences differences;
    try {
      differences = judge->second(one);
    } catch (const std::exception& error) {
      differences.push_back(fmt::format("not run: {}", error.what()));
    }
    ++(differences.empty() ? areas_[area].passed : areas_[area].failed);
    if (!differences.empty()) fmt::print("FAILED {}\n", id);
    for (const std::string& line : differences) fmt::print("    {}\n", line);
  }
}

void Runner::run_attacks(const std::filesystem::path& folder) {
  const AttackSetup setup(read(folder / "setup.json"));
  AttackHosts hosts(setup);
  const std::map<std::string, Judge> judges = {
      {"token", [&](const Json& attack) { return judge_token(hosts, attack); }},
      {"jws-json", [&](const Json& attack) { return judge_jws_json(hosts, attack); }},
      {"authorize", [&](const Json& attack) { return judge_authorize(hosts, attack); }},
      {"config-secret", judge_secret},
      {"http", [&](const Json& attack) { return judge_http(hosts, attack); }}};
  for (const auto& path : json_files(folder)) {
    const Json file = read(path);
    if (file.contains("cases"))
      run_file(fmt::format("{}/{}", folder.filename().string(), path.stem().string()), file, judges);
  }
}

void Runner::run_others(const std::filesystem::path& folder) {
  for (const auto& path : json_files(folder)) {
    const Json file = read(path);
    if (file.is_object() && file.contains("cases"))
      run_file(fmt::format("{}/{}", folder.filename().string(), path.stem().string()), file, {});
  }
}

Tally Runner::print_summary() const {
  Tally sum;
  for (const auto& [area, tally] : areas_) {
    fmt::print("{:<28} {:>4} passed, {} failed\n", area, tally.passed, tally.failed);
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
  for (const auto& [area, floor] : read(path).items()) {
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

int run(int argc, char** argv) {
  std::string directory;
  std::string only = "*";
  std::string floor;
  CLI::App app("Puts tokens, keys and requests of a corpus to the test");
  app.add_option("DIR", directory, "folder with attacks/ and others")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--only", only, "glob of FOLDER/FILE/ID, such as 'attacks/{crit,json}'");
  app.add_option("--floor", floor, "fewest cases a file has to pass")->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Runner runner(only);
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::ranges::sort(folders);
  for (const auto& folder : folders) {
    if (std::filesystem::exists(folder / "setup.json"))
      runner.run_attacks(folder);
    else
      runner.run_others(folder);
  }
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
