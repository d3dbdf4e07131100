// compare CASES [--ratios] [-- COMMAND…]     one table of every contender over the same tokens
//
// CPU time of a token not seen before, contenders interleaved, the best of nine slices. Each contender first
// has to accept the good token and to refuse each bad one. COMMAND is a contender in a process of its own: it
// says its name, then answers "ALG claims|identity MILLISECONDS" with nanoseconds, or "-" where it has not
// got the algorithm.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/peers/contender.h"
#include "bench/peers/other_process.h"

namespace gatehouse::peers {
namespace {

using Json = nlohmann::json;

constexpr int rounds = 9;
constexpr int slice_milliseconds = 50;

double cpu_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

std::vector<Case> read_cases(const std::string& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  for (const Json& one : Json::parse(file))
    cases.push_back({.algorithm = one.at("algorithm"),
                     .jwk = one.at("jwk"),
                     .pem = one.at("pem"),
                     .secret = one.at("secret"),
                     .issuer = one.at("issuer"),
                     .audience = one.at("audience"),
                     .good = one.at("good"),
                     .bad = one.at("bad")});
  return cases;
}

void check(const Contender& contender, const Case& one, const Judge& accepts) {
  const auto fault = [&](const std::string& what) {
    throw std::runtime_error(fmt::format("{}, {}: {}", contender.name, one.algorithm, what));
  };
  if (!accepts(one.good)) fault("refuses the good token");
  for (const auto& [why, token] : one.bad)
    if (accepts(token)) fault("accepts the bad token: " + why);
}

double slice(const Judge& accepts, const std::string& token) {
  bool holds = true;
  std::size_t count = 0;
  const double start = cpu_nanoseconds();
  double spent = 0;
  while (spent < slice_milliseconds * 1e6) {
    for (int i = 0; i < 16; ++i) holds &= accepts(token);
    count += 16;
    spent = cpu_nanoseconds() - start;
  }
  if (!holds) throw std::runtime_error("a good token was refused while time was taken");
  return spent / static_cast<double>(count);
}

/// One cell: where the time of a slice comes from, and the least so far.
struct Cell {
  std::function<double()> measure = {};  // empty: the algorithm is not there
  std::optional<double> best = {};
};

struct Row {
  std::string name;
  std::vector<Cell> cells;  // in the order of the cases
};

Row row_of(const Contender& contender, const std::vector<Case>& cases) {
  Row row{.name = contender.name};
  for (const Case& one : cases) {
    const Judge accepts = contender.prepare(one);
    if (accepts) check(contender, one, accepts);
    row.cells.push_back({.measure = accepts ? [accepts, &one] { return slice(accepts, one.good); }
                                            : std::function<double()>()});
  }
  return row;
}

Row row_of(const std::string& name, const std::shared_ptr<OtherProcess>& process, const std::string& what,
           const std::vector<Case>& cases) {
  Row row{.name = name};
  for (const Case& one : cases) {
    const std::string question = fmt::format("{} {} {}", one.algorithm, what, slice_milliseconds);
    if (process->ask(question) == "-")
      row.cells.push_back({});
    else
      row.cells.push_back({.measure = [process, question] { return std::stod(process->ask(question)); }});
  }
  return row;
}

void measure(std::vector<std::vector<Row>*> tables) {
  for (int round = 0; round < rounds; ++round)
    for (std::size_t column = 0; column < tables[0]->front().cells.size(); ++column)
      for (std::vector<Row>* table : tables)
        for (Row& row : *table) {
          Cell& cell = row.cells[column];
          if (!cell.measure) continue;
          const double time = cell.measure();
          cell.best = std::min(cell.best.value_or(time), time);
        }
}

void print(const std::string& title, const std::vector<Row>& rows, const std::vector<Case>& cases,
           bool only_ratios) {
  fmt::print("| {} |", title);
  for (const Case& one : cases) fmt::print(" {} |", one.algorithm);
  fmt::print("\n| --- |");
  for (std::size_t i = 0; i < cases.size(); ++i) fmt::print(" ---: |");
  fmt::print("\n");
  for (const Row& row : rows) {
    fmt::print("| {} |", row.name);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const auto& best = row.cells[i].best;
      if (!best)
        fmt::print(" - |");
      else if (only_ratios)
        fmt::print(" {:.2f} |", *best / *rows[0].cells[i].best);
      else
        fmt::print(" {:.0f} ({:.2f}) |", *best, *best / *rows[0].cells[i].best);
    }
    fmt::print("\n");
  }
  fmt::print("\n");
}

struct Field {
  std::vector<Contender> present;
  std::vector<std::string> absent;
};

Field field() {
  Field field{.present = {ours()}};
#ifdef HAS_CJOSE
  field.present.push_back(cjose());
#else
  field.absent.emplace_back("cjose (libcjose-dev)");
#endif
#ifdef HAS_LIBJWT
  field.present.push_back(libjwt());
#else
  field.absent.emplace_back("libjwt (libjwt-dev)");
#endif
#ifdef HAS_CPP_JWT
  field.present.push_back(cpp_jwt());
#else
  field.absent.emplace_back("cpp-jwt (libcpp-jwt-dev)");
#endif
#ifdef HAS_RHONABWY
  field.present.push_back(rhonabwy());
#else
  field.absent.emplace_back("rhonabwy (librhonabwy-dev)");
#endif
  return field;
}

void run(const std::string& path, bool only_ratios, const std::vector<std::string>& command) {
  const std::vector<Case> cases = read_cases(path);
  Field contenders = field();
  std::vector<Row> claims, identity;
  for (const Contender& contender : contenders.present) claims.push_back(row_of(contender, cases));
  identity.push_back(row_of(ours_with_identity(), cases));
  if (command.empty()) {
    contenders.absent.emplace_back(".NET's handler (dotnet)");
  } else {
    const auto process = std::make_shared<OtherProcess>(command);
    const std::string name = process->read_line();
    claims.push_back(row_of(name, process, "claims", cases));
    identity.push_back(row_of(name, process, "identity", cases));
  }
  measure({&claims, &identity});
  fmt::print("{}, ours = 1.00; - : not implemented\n\n",
             only_ratios ? "CPU time of a token" : "CPU nanoseconds of a token (and as a ratio)");
  print("validated, claims readable", claims, cases, only_ratios);
  print("validated, identity built", identity, cases, only_ratios);
  for (const Contender& contender : contenders.present)
    if (!contender.note.empty()) fmt::print("* {} {}.\n", contender.name, contender.note);
  for (const std::string& name : contenders.absent) fmt::print("* Not here, so not compared: {}.\n", name);
}

}  // namespace
}  // namespace gatehouse::peers

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto dashes = std::ranges::find(arguments, "--");
    const bool only_ratios = std::find(arguments.begin(), dashes, "--ratios") != dashes;
    const std::vector<std::string> command(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
    if (dashes - arguments.begin() != (only_ratios ? 2 : 1))
      throw std::runtime_error("usage: compare CASES [--ratios] [-- COMMAND…]");
    gatehouse::peers::run(arguments[0], only_ratios, command);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "compare: " << error.what() << '\n';
    return 1;
  }
}
