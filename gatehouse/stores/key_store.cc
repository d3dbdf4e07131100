#include "gatehouse/stores/key_store.h"

#include <array>
#include <utility>

namespace gatehouse::stores {
namespace {

constexpr std::array<std::pair<KeyState, std::string_view>, 5> names = {
    {{KeyState::announced, "announced"},
     {KeyState::active, "active"},
     {KeyState::retired, "retired"},
     {KeyState::removed, "removed"},
     {KeyState::compromised, "compromised"}}};

}  // namespace

std::string_view name(KeyState state) noexcept {
  for (const auto& [one, text] : names)
    if (one == state) return text;
  return "";
}

std::optional<KeyState> read_key_state(std::string_view name) noexcept {
  for (const auto& [one, text] : names)
    if (text == name) return one;
  return std::nullopt;
}

}  // namespace gatehouse::stores
