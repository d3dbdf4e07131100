#include "gatehouse/configuration/faults.h"

#include <algorithm>
#include <numeric>

#include "gatehouse/base/ascii.h"

namespace gatehouse::configuration {
namespace {

// Levenshtein distance, without regard to case, in two rows.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (to_lower(a[i]) == to_lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

ConfigurationError::ConfigurationError(std::vector<Fault> faults) : faults_(std::move(faults)) {
  for (const auto& [where, message] : faults_) {
    if (!text_.empty()) text_ += '\n';
    if (!where.empty()) text_ += where + ": ";
    text_ += message;
  }
}

void Faults::add(std::string where, std::string message) {
  Fault fault{.where = std::move(where), .message = std::move(message)};
  if (std::ranges::find(faults_, fault) == faults_.end()) faults_.push_back(std::move(fault));
}

void Faults::add_all(const Faults& other) {
  for (const auto& [where, message] : other.faults_) add(where, message);
}

void Faults::throw_if_any() const {
  if (!faults_.empty()) throw ConfigurationError(faults_);
}

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view best;
  std::size_t shortest = name.size() / 3 + 2;  // farther away than this, nobody meant it
  for (const std::string_view candidate : known) {
    const std::size_t away = distance(name, candidate);
    if (away >= shortest) continue;
    shortest = away;
    best = candidate;
  }
  return best;
}

}  // namespace gatehouse::configuration
