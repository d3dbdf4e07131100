#include "tests/golden/runner/deviations.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gatehouse::golden {

std::vector<Deviation> read_deviations(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<Deviation> deviations;
  for (const auto& row : nlohmann::json::parse(file)) {
    const std::string kind = row.at("class");
    if (kind != "stricter" && kind != "more_capable")
      throw std::runtime_error(path + ": unknown class " + kind);
    if (row.at("reason").get<std::string>().empty())
      throw std::runtime_error(path + ": a deviation without a reason");
    deviations.push_back(
        {.glob = row.at("id"),
         .kind = kind == "stricter" ? DeviationClass::stricter : DeviationClass::more_capable,
         .reason = row.at("reason")});
  }
  return deviations;
}

bool matches(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob.front() == '*') {
    for (std::size_t taken = 0; taken <= text.size(); ++taken)
      if (matches(glob.substr(1), text.substr(taken))) return true;
    return false;
  }
  if (glob.front() == '{') {
    const std::size_t close = glob.find('}');
    std::string_view choices = glob.substr(1, close - 1);
    for (;;) {
      const std::size_t comma = std::min(choices.find(','), choices.size());
      const std::string_view choice = choices.substr(0, comma);
      if (text.starts_with(choice) && matches(glob.substr(close + 1), text.substr(choice.size())))
        return true;
      if (comma == choices.size()) return false;
      choices.remove_prefix(comma + 1);
    }
  }
  return !text.empty() && (glob.front() == '?' || glob.front() == text.front()) &&
         matches(glob.substr(1), text.substr(1));
}

}  // namespace gatehouse::golden
