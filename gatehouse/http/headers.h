/// Headers — HTTP field lines, looked up by name without regard to case (RFC 9110 §5.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::http {

/// Fields of a request: views into memory that the connection keeps until the response is written.
class RequestHeaders {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  void clear() noexcept { fields_.clear(); }

  std::optional<std::string_view> find(std::string_view name) const noexcept;  ///< the first of that name
  std::vector<std::string_view> find_all(std::string_view name) const;
  std::size_t count(std::string_view name) const noexcept;

  auto begin() const noexcept { return fields_.begin(); }
  auto end() const noexcept { return fields_.end(); }
  std::size_t size() const noexcept { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

/// Fields of a response, which owns them.
class ResponseHeaders {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  void append(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  void set(std::string name, std::string value);  ///< replaces every field of that name
  void remove(std::string_view name);
  void clear() noexcept { fields_.clear(); }

  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::vector<std::string_view> find_all(std::string_view name) const;

  auto begin() const noexcept { return fields_.begin(); }
  auto end() const noexcept { return fields_.end(); }
  std::size_t size() const noexcept { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace gatehouse::http
