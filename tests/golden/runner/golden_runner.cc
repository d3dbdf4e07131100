// golden_runner DIR [--deviations FILE] [--only GLOB] [--floor FILE]
//
// Replays the recorded cases of DIR through the real pipeline in process, under the compatibility profile,
// with the clock at the case's `now`. Prints each difference, counts by area, and "N passed, N failed". Exit
// code 0 when nothing failed; with --floor, when no area passed fewer cases than the file says.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "tests/golden/runner/compare.h"
#include "tests/golden/runner/deviations.h"
#include "tests/support/glob.h"

namespace gatehouse::golden {
namespace {

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t deviating = 0;  // of those that passed
};

struct Verdict {
  std::vector<std::string> differences;
  std::vector<std::size_t> accepted;  // steps in which the original refuses
};

class Runner {
 public:
  Runner(KeyRing keys, std::vector<Deviation> deviations)
      : keys_(std::move(keys)), deviations_(std::move(deviations)) {}

  void run(const Json& golden_case);
  void report_idle_deviations();
  void print_summary() const;
  Tally total() const;

  std::map<std::string, Tally> areas;

 private:
  Verdict judge(const Json& golden_case) const;
  const Deviation* deviation_for(const std::string& id) const;
  void fail(const std::string& id, Tally& tally, const std::vector<std::string>& why);

  KeyRing keys_;
  std::vector<Deviation> deviations_;
  std::size_t idle_deviations_ = 0;
};

Verdict Runner::judge(const Json& golden_case) const {
  Verdict verdict;
  const Json probes = golden_case.contains("probes") ? golden_case.at("probes") : Json::object();
  Instant now = parse_instant(golden_case.at("now").get<std::string>()).value();
  const Json steps = golden_case.contains("steps") ? golden_case.at("steps") : Json::array({golden_case});
  const auto racy = golden_case.value("racy_steps", std::vector<std::size_t>());
  try {
    GoldenHost host(golden_case, keys_);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Json& step = steps.at(i);
      if (step.contains("advance_seconds"))
        now += std::chrono::milliseconds(
            static_cast<std::int64_t>(step.at("advance_seconds").get<double>() * 1000));
      const Observation seen = host.send(step.at("request"), now);
      const bool is_racy = std::ranges::find(racy, i) != racy.end();
      for (const std::string& difference : compare(step.at("expect"), probes, seen, is_racy))
        verdict.differences.push_back(steps.size() > 1 ? fmt::format("step {}: {}", i, difference)
                                                       : difference);
      if (accepts_what_was_refused(step.at("expect"), seen)) verdict.accepted.push_back(i);
    }
  } catch (const std::exception& error) {
    verdict.differences.push_back(fmt::format("not run: {}", error.what()));
  }
  return verdict;
}

const Deviation* Runner::deviation_for(const std::string& id) const {
  for (const Deviation& deviation : deviations_)
    if (matches(deviation.glob, id)) return &deviation;
  return nullptr;
}

void Runner::fail(const std::string& id, Tally& tally, const std::vector<std::string>& why) {
  ++tally.failed;
  fmt::print("FAILED {}\n", id);
  for (const std::string& line : why) fmt::print("    {}\n", line);
}

void Runner::run(const Json& golden_case) {
  const std::string id = golden_case.at("id");
  Tally& tally = areas[golden_case.at("area")];
  Verdict verdict = judge(golden_case);
  const Deviation* deviation = deviation_for(id);
  if (deviation) ++deviation->matched;
  if (verdict.differences.empty()) {
    ++tally.passed;
    return;
  }
  // Accepting what the original refuses is a failure whatever a list says, but for the listed grounds of
  // capability, in the steps that are listed.
  const bool accepts_wrongly = std::ranges::any_of(
      verdict.accepted, [&](std::size_t step) { return !deviation || !deviation->allows_accepting(step); });
  if (accepts_wrongly) {
    verdict.differences.insert(verdict.differences.begin(), "ACCEPTED what the original refuses");
    return fail(id, tally, verdict.differences);
  }
  if (!deviation) return fail(id, tally, verdict.differences);
  ++deviation->deviated;
  ++tally.passed;
  ++tally.deviating;
}

void Runner::report_idle_deviations() {
  for (const Deviation& deviation : deviations_) {
    if (deviation.matched == 0 || deviation.deviated > 0) continue;
    fmt::print("FAILED deviation {} names {} cases and none deviates; take it out\n", deviation.glob,
               deviation.matched);
    ++idle_deviations_;
  }
}

void Runner::print_summary() const {
  for (const auto& [area, tally] : areas)
    fmt::print("{:<14} {:>5} passed ({} by a listed deviation), {} failed\n", area, tally.passed,
               tally.deviating, tally.failed);
  fmt::print("{} passed, {} failed\n", total().passed, total().failed);
}

Tally Runner::total() const {
  Tally sum{.failed = idle_deviations_};
  for (const auto& [area, tally] : areas) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
  }
  return sum;
}

// The floor only rises: an area that lost a case fails, and one that won some is to be written down.
bool holds_floor(const std::string& path, const std::map<std::string, Tally>& areas) {
  std::ifstream file(path);
  bool holds = true;
  const Json floors = Json::parse(file);
  for (const auto& [area, floor] : floors.items()) {
    const auto tally = areas.find(area);
    const std::size_t passed = tally == areas.end() ? 0 : tally->second.passed;
    if (passed < floor.get<std::size_t>()) {
      fmt::print("FAILED floor: {} passed {} cases, {} demands {}\n", area, passed, path,
                 floor.get<std::size_t>());
      holds = false;
    }
    if (passed > floor.get<std::size_t>())
      fmt::print("raise the floor of {} in {} to {}\n", area, path, passed);
  }
  return holds;
}

std::vector<std::filesystem::path> case_files(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("cases-") && name.ends_with(".jsonl")) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  if (files.empty()) throw std::runtime_error("no cases-*.jsonl in " + directory);
  return files;
}

int run(int argc, char** argv) {
  std::string directory;
  std::string deviations;
  std::string only = "*";
  std::string floor;
  CLI::App app("Replays a golden corpus through the pipeline");
  app.add_option("DIR", directory, "folder with keys.json and cases-*.jsonl")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--deviations", deviations, "differences we made on purpose")->check(CLI::ExistingFile);
  app.add_option("--only", only, "glob of case ids, such as 'jwe/*'");
  app.add_option("--floor", floor, "fewest cases an area has to pass")->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  // A folder of the corpus brings its own list; --deviations is for another one.
  if (deviations.empty() && std::filesystem::exists(directory + "/deviations.json"))
    deviations = directory + "/deviations.json";

  Runner runner(KeyRing::read(directory + "/keys.json"),
                deviations.empty() ? std::vector<Deviation>() : read_deviations(deviations));
  for (const auto& path : case_files(directory)) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.empty()) continue;
      const Json golden_case = Json::parse(line);
      if (matches(only, golden_case.at("id").get<std::string>())) runner.run(golden_case);
    }
  }
  if (only == "*") runner.report_idle_deviations();
  const bool floor_holds = floor.empty() || holds_floor(floor, runner.areas);
  runner.print_summary();
  if (!floor.empty()) return floor_holds ? 0 : 1;
  return runner.total().failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse::golden

int main(int argc, char** argv) try {
  return gatehouse::golden::run(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "golden_runner: " << error.what() << '\n';
  return 2;
}
