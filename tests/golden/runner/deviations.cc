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
         .reason = row.at("reason"),
         .steps = row.value("steps", std::vector<std::size_t>())});
  }
  return deviations;
}

}  // namespace gatehouse::golden
