/// JSON members — an object's, each read as what it has to be. Absent ones are empty; of those that are
/// something else, the first is the fault.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/json.h"

namespace gatehouse::json {

class MemberReader {
 public:
  /// As long as `object` is valid.
  explicit MemberReader(Value object) : object_(object) {}

  std::string text(std::string_view name);
  std::vector<std::string> list(std::string_view name);  ///< of strings
  bool flag(std::string_view name);
  std::optional<Seconds> seconds(std::string_view name);  ///< at least one
  std::optional<Instant> instant(std::string_view name);  ///< RFC 3339

  std::optional<Value> find(std::string_view name) const { return object_.find(name); }

  /// What a member has to be, and is not: "'name' has to be a string". The first that is said counts.
  void refuse(std::string_view name, std::string_view expected);
  void refuse(std::string sentence);
  const std::optional<std::string>& fault() const noexcept { return fault_; }

 private:
  Value object_;
  std::optional<std::string> fault_;
};

}  // namespace gatehouse::json
