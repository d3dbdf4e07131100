/// Glob — `*` stands for any characters, also '/', `?` for one, `{a,b}` for either.
#pragma once

#include <algorithm>
#include <string_view>

namespace gatehouse {

inline bool matches(std::string_view glob, std::string_view text) {
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

/// Whether the glob matches `text`, or a part of it that ends before a '/'.
inline bool matches_prefix(std::string_view glob, std::string_view text) {
  if (matches(glob, text)) return true;
  for (std::size_t slash = text.find('/'); slash != text.npos; slash = text.find('/', slash + 1))
    if (matches(glob, text.substr(0, slash))) return true;
  return false;
}

}  // namespace gatehouse
