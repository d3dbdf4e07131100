/// Faults — everything wrong with how a program was set up, found before any of it is reported.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::configuration {

struct Fault {
  std::string where;    ///< "appsettings.json:7:5", "environment Jwt__Issuer", "pipeline"; may be empty
  std::string message;  ///< what is wrong and how to mend it
  bool operator==(const Fault&) const = default;
};

/// Stops a start. what() is one line a fault.
class ConfigurationError : public std::exception {
 public:
  explicit ConfigurationError(std::vector<Fault> faults);
  const char* what() const noexcept override { return text_.c_str(); }
  const std::vector<Fault>& faults() const noexcept { return faults_; }

 private:
  std::vector<Fault> faults_;
  std::string text_;
};

class Faults {
 public:
  /// A fault said before is not said again.
  void add(std::string where, std::string message);
  void add_all(const Faults& other);

  bool empty() const noexcept { return faults_.empty(); }
  const std::vector<Fault>& all() const noexcept { return faults_; }

  /// Throws ConfigurationError with all of them, when there are any.
  void throw_if_any() const;

 private:
  std::vector<Fault> faults_;
};

/// The name of `known` nearest to `name`, or empty when none is near enough to be meant.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace gatehouse::configuration
