#include "apps/gatehouse/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "gatehouse/base/ascii.h"
#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {
namespace {

constexpr std::size_t largest_input = 1 << 20;

std::string read_all(std::istream& stream) {
  std::string text(largest_input + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_input)
    throw Stop(misused, "the input is larger than 1 MiB: that is no token and no secret");
  return text;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// As a header value would be: what stands around the token is no part of it.
std::string without_scheme(std::string text) {
  while (!text.empty() && is_line_end(text.back())) text.pop_back();
  constexpr std::string_view scheme = "Bearer ";
  if (equals_ignoring_case(std::string_view(text).substr(0, scheme.size()), scheme))
    text.erase(0, scheme.size());
  return text;
}

// What is in the file, or on standard input; nobody is asked to type.
template <class Hint>
std::string read_input(const std::string& file, const Hint& hint) {
  if (file.empty()) {
    if (isatty(STDIN_FILENO) != 0) throw Stop(misused, hint());
    return read_all(std::cin);
  }
  std::ifstream stream(file);
  if (!stream) throw Stop(misused, fmt::format("{} cannot be read", file));
  return read_all(stream);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): there is one thread
  return value && *value;
}

// Controls (C0, DEL, C1), and what overrides or isolates the direction of writing.
bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

struct Character {
  char32_t code;
  std::size_t length;
};

// Of the up to three octets that matter here; what is no UTF-8 is taken octet by octet, and escaped.
Character character_at(std::string_view text) {
  const auto octet = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (octet(i) & 0xC0) == 0x80; };
  const unsigned first = octet(0);
  if (first < 0x80) return {first, 1};
  if (first >= 0xC2 && first < 0xE0 && follows(1)) return {(first & 0x1F) << 6 | (octet(1) & 0x3F), 2};
  if (first >= 0xE0 && first < 0xF0 && follows(1) && follows(2))
    return {(first & 0x0F) << 12 | (octet(1) & 0x3F) << 6 | (octet(2) & 0x3F), 3};
  if (first >= 0xF0 && first < 0xF5 && follows(1) && follows(2) && follows(3)) return {0x10000, 4};
  return {0x80, 1};
}

}  // namespace

bool looks_like_a_token(std::string_view word) {
  return word.starts_with("eyJ") || (std::ranges::count(word, '.') >= 2 && word.size() > 40);
}

std::string read_token(const std::string& file, std::string_view command) {
  std::string text = without_scheme(read_input(file, [&] {
    return fmt::format("no token; use: printf %s \"$TOKEN\" | gatehouse {0}, or gatehouse {0} --file FILE",
                       command);
  }));
  if (text.empty())
    throw Stop(misused, fmt::format("no token {}", file.empty() ? "on standard input" : "in " + file));
  return text;
}

std::string read_secret(const std::string& file, std::string_view what, std::string_view command) {
  const auto hint = [&] {
    return fmt::format("no {0}; it comes on standard input, or from a file: gatehouse {1} --{2}-file FILE",
                       what, command, what == "password" ? what : "hash");
  };
  std::string text = read_input(file, hint);
  while (!text.empty() && is_line_end(text.back())) text.pop_back();
  if (text.empty()) throw Stop(misused, file.empty() ? hint() : fmt::format("no {} in {}", what, file));
  return text;
}

void refuse_further(const std::vector<std::string>& words, std::string_view command,
                    const std::vector<std::string_view>& known) {
  if (words.empty()) return;
  const std::string& word = words.front();
  if (std::ranges::any_of(words, looks_like_a_token))
    throw Stop(misused,
               fmt::format("a token on the command line ends up in history and in ps; use: printf %s "
                           "\"$TOKEN\" | gatehouse {}",
                           command.empty() ? "explain" : command));
  const std::string_view meant = configuration::nearest(word, known);
  const std::string hint = meant.empty() ? "see gatehouse --help" : fmt::format("did you mean '{}'?", meant);
  const char* kind = word.starts_with('-') ? "option" : command.empty() ? "command" : "argument";
  throw Stop(misused, fmt::format("unknown {} '{}'; {}", kind, printable(word), hint));
}

std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = character_at(text.substr(at));
    if (is_harmful(code))
      safe += fmt::format("\\u{:04x}", static_cast<unsigned>(code));
    else
      safe += text.substr(at, length);
    at += length;
  }
  return safe;
}

bool wants_color(std::string_view choice) {
  if (choice != "auto") return choice == "always";
  const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): there is one thread
  const bool is_dumb = !terminal || std::string_view(terminal) == "dumb";
  return !is_set("NO_COLOR") && !is_dumb && isatty(STDOUT_FILENO) != 0;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Stop(undecided, "standard output cannot be written to");
}

}  // namespace gatehouse::program
