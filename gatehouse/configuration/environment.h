/// Environment — where a program runs: Development, Staging, Production or a name of its own.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::configuration {

class Environment {
 public:
  explicit Environment(std::string name) : name_(std::move(name)) {}

  /// $GATEHOUSE_ENVIRONMENT, or Production: what nobody set up is not a place to be lax in.
  static Environment current();

  const std::string& name() const noexcept { return name_; }
  bool is_development() const noexcept { return name_ == "Development"; }

 private:
  std::string name_;
};

}  // namespace gatehouse::configuration
