#include "gatehouse/configuration/json_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace gatehouse::configuration {
namespace {

using Json = nlohmann::json;

// The library does not say where a value stood, but it reads its input through an iterator, and that can be
// watched.
class WatchedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  WatchedIterator(const char* at, const char** watcher) : at_(at), watcher_(watcher) {}
  reference operator*() const { return *at_; }
  WatchedIterator& operator++() {
    *watcher_ = ++at_;
    return *this;
  }
  WatchedIterator operator++(int) {
    WatchedIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const WatchedIterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** watcher_;
};

class SettingsReader final : public nlohmann::json_sax<Json> {
 public:
  SettingsReader(std::string name, std::string_view text, Faults& faults)
      : name_(std::move(name)), text_(text), faults_(faults), at_(text.data()) {}

  std::vector<JsonSetting> read() {
    const WatchedIterator begin(std::to_address(text_.begin()), &at_);
    const WatchedIterator end(std::to_address(text_.end()), &at_);
    Json::sax_parse(begin, end, this, nlohmann::detail::input_format_t::json, true, true);
    return std::move(settings_);
  }

  bool null() override { return leave(); }
  bool boolean(bool flag) override { return add(flag ? "true" : "false"); }
  bool number_integer(number_integer_t number) override { return add(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return add(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& source) override { return add(source); }
  bool string(string_t& text) override { return add(text); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return enter(false); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return enter(true); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.name = name;
    where_ = position(opening_quote());
    std::string folded = name;
    std::ranges::transform(folded, folded.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (!level.seen.insert(std::move(folded)).second)
      faults_.add(where_, fmt::format("'{}' is said twice; keep one", name));
    return true;
  }

  bool parse_error(std::size_t offset, const std::string&, const Json::exception&) override {
    const std::size_t at = std::min(offset ? offset - 1 : 0, text_.size());
    faults_.add(position(at), "is no JSON from here on; look for a missing comma, quote or bracket");
    return false;
  }

 private:
  struct Level {
    bool is_array = false;
    std::size_t index = 0;
    std::string name;
    std::set<std::string> seen;
  };

  // Goes back from behind a name's closing quote to its opening one.
  std::size_t opening_quote() const {
    std::size_t at = static_cast<std::size_t>(at_ - text_.data());
    at = text_.rfind('"', at ? at - 1 : 0);
    do {
      at = at == 0 ? text_.npos : text_.rfind('"', at - 1);
    } while (at != text_.npos && at > 0 && text_[at - 1] == '\\');
    return at == text_.npos ? 0 : at;
  }

  std::string position(std::size_t offset) const {
    const std::string_view before = text_.substr(0, offset);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t column = offset - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1) + 1;
    return fmt::format("{}:{}:{}", name_, line, column);
  }

  bool enter(bool is_array) {
    if (levels_.empty() && is_array) {
      faults_.add(position(0), "a settings file is a JSON object: { … }");
      return false;
    }
    levels_.push_back({.is_array = is_array});
    return true;
  }

  bool close() {
    levels_.pop_back();
    return leave();
  }

  // A value has ended: in an array the next one has the next index.
  bool leave() {
    if (!levels_.empty() && levels_.back().is_array) ++levels_.back().index;
    return true;
  }

  bool add(std::string value) {
    if (levels_.empty()) {
      faults_.add(position(0), "a settings file is a JSON object: { … }");
      return false;
    }
    std::string path;
    for (const Level& level : levels_) {
      if (!path.empty()) path += ':';
      path += level.is_array ? std::to_string(level.index) : level.name;
    }
    settings_.push_back({.key = std::move(path), .value = std::move(value), .where = where_});
    return leave();
  }

  std::string name_;
  std::string_view text_;
  Faults& faults_;
  const char* at_;
  std::string where_;
  std::vector<Level> levels_;
  std::vector<JsonSetting> settings_;
};

}  // namespace

std::vector<JsonSetting> read_json_settings(const std::string& name, std::string_view text, Faults& faults) {
  return SettingsReader(name, text, faults).read();
}

}  // namespace gatehouse::configuration
