#include "gatehouse/issuer/password_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gatehouse/base/ascii.h"
#include "gatehouse/issuer/password_hash.h"
#include "gatehouse/issuer/password_text.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t fewest_blocked = 3000;
constexpr std::uintmax_t largest_blocklist = std::uintmax_t{64} << 20;
constexpr std::size_t shortest_context_word = 4;

bool is_letter(char letter) {
  const auto octet = static_cast<unsigned char>(letter);
  return octet >= 0x80 || (letter >= 'a' && letter <= 'z');
}

// The text without the digits and signs around it: "password" of "#password123!".
std::string_view core_of(std::string_view text) {
  const auto first = std::ranges::find_if(text, is_letter);
  const auto last = std::find_if(text.rbegin(), text.rend(), is_letter).base();
  return first < last ? std::string_view(first, last) : std::string_view();
}

// "abab" and "ababa" repeat "ab"; what repeats nothing is all of it.
std::string_view repeated_part(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size)
    if (text.substr(size) == text.substr(0, text.size() - size)) return text.substr(0, size);
  return text;
}

// Characters, without those that repeat the last one or go on counting: 1 of "aaaa", 2 of "12345" and
// "fedcba".
std::size_t count_choices(std::string_view text) {
  std::size_t choices = 0;
  int before = 2;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_middle = (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;  // of a code point
    const int step = i == 0 ? 2 : text[i] - text[i - 1];
    const bool goes_on = step == 0 || (step == before && std::abs(step) == 1);
    if (!is_middle && !goes_on) ++choices;
    before = step;
  }
  return choices;
}

void add_words(std::vector<std::string>& words, std::string_view text) {
  const std::string folded = fold(text);
  if (folded.size() >= shortest_context_word) words.push_back(folded);
  std::string word;
  for (const char letter : folded + ' ') {
    if (is_letter(letter)) {
      word += letter;
      continue;
    }
    if (word.size() >= shortest_context_word) words.push_back(word);
    word.clear();
  }
}

void remove_all(std::string& text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word))
    text.erase(at, word.size());
}

}  // namespace

PasswordPolicy::PasswordPolicy(PasswordPolicyOptions options, std::shared_ptr<const Words> blocked)
    : options_(std::move(options)), blocked_(std::move(blocked)) {}

Result<PasswordPolicy> PasswordPolicy::make(const PasswordPolicyOptions& options) {
  if (options.blocklist.empty()) return PasswordPolicy(options, std::make_shared<Words>());
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(options.blocklist, error);
  std::ifstream file(options.blocklist, std::ios::binary);
  if (error || !file)
    return fail(Failure::configuration_invalid,
                fmt::format("the list of common passwords '{}' cannot be read; install the package "
                            "cracklib-runtime, or name another file of a password a line",
                            options.blocklist));
  if (size > largest_blocklist)
    return fail(Failure::configuration_invalid,
                fmt::format("the list of common passwords '{}' is larger than 64 MiB", options.blocklist));
  auto words = std::make_shared<Words>();
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) words->insert(fold(line));
  }
  if (words->size() < fewest_blocked)
    return fail(Failure::configuration_invalid,
                fmt::format("the list of common passwords '{}' has {} entries; it takes {} or more",
                            options.blocklist, words->size(), fewest_blocked));
  return PasswordPolicy(options, std::move(words));
}

Result<void> PasswordPolicy::check(std::string_view password, const PasswordContext& context) const {
  if (password.size() > longest_password) return fail(Failure::too_large, "password");
  GH_TRY(const Secret normal, normalize_password(password));
  if (normal.size() > longest_password) return fail(Failure::too_large, "password");
  const std::size_t shortest =
      context.has_second_factor ? options_.shortest_with_second_factor : options_.shortest;
  if (count_code_points(normal.reveal()) < shortest)
    return fail(Failure::password_refused, fmt::format("it has fewer than {} characters", shortest));

  const std::string folded = fold(normal.reveal());
  if (blocked_->contains(folded)) return fail(Failure::password_refused, "it is one of the most common");

  // What is left without what an attacker tries first has to be half a password still.
  const std::size_t fewest_choices = (shortest + 1) / 2;
  std::string rest(repeated_part(folded));
  if (count_choices(rest) < fewest_choices)
    return fail(Failure::password_refused, "it repeats itself, or counts up");
  std::vector<std::string> words;
  add_words(words, context.email);
  add_words(words, context.name);
  for (const std::string& word : options_.context_words) add_words(words, word);
  for (const std::string& word : words) remove_all(rest, word);
  if (count_choices(rest) < fewest_choices)
    return fail(Failure::password_refused, "it is made of names that everybody knows");
  const std::string core(core_of(rest));
  if (core.size() >= 3 && blocked_->contains(core)) remove_all(rest, core);
  if (count_choices(rest) < fewest_choices)
    return fail(Failure::password_refused, "it is a common one with little more");
  return {};
}

}  // namespace gatehouse::issuer
