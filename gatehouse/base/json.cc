#include "gatehouse/base/json.h"

#include <openssl/crypto.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "gatehouse/base/secret.h"

namespace gatehouse::json {
namespace {

namespace dom = simdjson::dom;

// A dom::element is a document and a position on its tape, and so is our Value: one is the other's bits. The
// same holds for the iterators. Should a release of simdjson change that, these lines stop compiling.
static_assert(sizeof(dom::element) == sizeof(Value) && std::is_trivially_copyable_v<dom::element>);
static_assert(sizeof(dom::array::iterator) == sizeof(Value) &&
              sizeof(dom::object::iterator) == sizeof(Value));

dom::element element_of(const Value& value) noexcept { return std::bit_cast<dom::element>(value); }
Value value_of(dom::element element) noexcept { return std::bit_cast<Value>(element); }

struct Position {
  const void* document;
  std::size_t index;
};

template <class Iterator>
Position position_of(Iterator iterator) noexcept {
  return std::bit_cast<Position>(iterator);
}

Kind kind_of(dom::element element) noexcept {
  switch (element.type()) {
    case dom::element_type::ARRAY:
      return Kind::array;
    case dom::element_type::OBJECT:
      return Kind::object;
    case dom::element_type::INT64:
      return Kind::integer;
    case dom::element_type::UINT64:
      return Kind::unsigned_integer;
    case dom::element_type::DOUBLE:
      return Kind::number;
    case dom::element_type::STRING:
      return Kind::string;
    case dom::element_type::BOOL:
      return Kind::boolean;
    case dom::element_type::NULL_VALUE:
      return Kind::null;
  }
  std::unreachable();
}

Error failure_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::DEPTH_ERROR:
      return {.kind = Failure::too_deep};
    case simdjson::CAPACITY:
      return {.kind = Failure::too_large};
    default:
      return {.kind = Failure::malformed};
  }
}

// Names seen in one object. Most objects are small: there a word of bits tells most names apart without
// looking at them, and nothing is allocated.
class Names {
 public:
  // False when `name` was here before. Beyond `few` names the answer is left to duplicate().
  [[gnu::always_inline]] bool add(std::string_view name) {
    const std::size_t count = count_++;
    if (count >= few) return add_to_many(name);
    const std::uint64_t bit = std::uint64_t{1} << place_of(name);
    if ((bits_ & bit) != 0 && is_one_of_few(name, count)) return false;
    bits_ |= bit;
    few_[count] = name;
    return true;
  }

  // Names that stand here twice, when there were more than a few.
  std::optional<std::string_view> duplicate() {
    std::ranges::sort(many_);
    const auto twice = std::ranges::adjacent_find(many_);
    return twice == many_.end() ? std::nullopt : std::optional(*twice);
  }

  std::size_t size() const noexcept { return count_; }

 private:
  static constexpr std::size_t few = 16;

  // Of the 64 bits, by first and last letter and length. The factors are those that put the names of
  // registered claims and of JWK members into places of their own.
  static std::size_t place_of(std::string_view name) noexcept {
    if (name.empty()) return 0;
    const auto first = static_cast<unsigned char>(name.front()),
               last = static_cast<unsigned char>(name.back());
    return (first * 9u + last * 19u + name.size() * 11u) % 64;
  }
  bool is_one_of_few(std::string_view name, std::size_t count) const noexcept {
    const auto end = few_.begin() + count;
    return std::find(few_.begin(), end, name) != end;
  }
  bool add_to_many(std::string_view name) {
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    many_.push_back(name);
    return true;
  }

  std::size_t count_ = 0;
  std::uint64_t bits_ = 0;
  std::array<std::string_view, few> few_;
  std::vector<std::string_view> many_;
};

Result<void> check_container(dom::element element, const Limits& limits);

bool is_container(dom::element element) noexcept { return element.is_object() || element.is_array(); }

// Two readers that disagree on which of two members counts are a way past a check
// (RFC 8725 §2.4), so neither counts.
Result<void> check_object(dom::object object, const Limits& limits) {
  Names names;
  for (const auto member : object) {
    if (names.size() == limits.members) return fail(Failure::too_large, "members");
    if (!names.add(member.key)) return fail(Failure::duplicate_member, std::string(member.key));
    if (is_container(member.value)) GH_CHECK(check_container(member.value, limits));
  }
  if (const auto twice = names.duplicate()) return fail(Failure::duplicate_member, std::string(*twice));
  return {};
}

Result<void> check_container(dom::element element, const Limits& limits) {
  if (element.is_object()) return check_object(element.get_object().value_unsafe(), limits);
  const dom::array array = element.get_array().value_unsafe();  // a loop would not keep the temporary alive
  for (const dom::element item : array)
    if (is_container(item)) GH_CHECK(check_container(item, limits));
  return {};
}

// Where the tokens of a parsed text begin: brackets, colons, commas, strings and whatever else is a value.
// The parser has found them, and keeps them until it parses again.
class Tokens {
 public:
  Tokens(std::string_view text, const std::uint32_t* starts) : text_(text), next_(starts) {}

  char peek() const noexcept { return text_[*next_]; }
  void skip(std::size_t count) noexcept { next_ += count; }

  // The source of the value that begins here; the token behind it is the next.
  std::string_view take_value() noexcept {
    const std::size_t start = *next_;
    if (peek() != '{' && peek() != '[') {
      ++next_;
      std::size_t end = *next_;
      while (is_white(text_[end - 1])) --end;
      return text_.substr(start, end - start);
    }
    std::size_t depth = 0;
    do {
      const char c = text_[*next_++];
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
    } while (depth != 0);
    return text_.substr(start, next_[-1] + 1 - start);
  }

 private:
  static bool is_white(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  std::string_view text_;
  const std::uint32_t* next_;
};

// Value, kind and text of an item whose value is the next token.
void read_value(Item& item, dom::element element, Tokens& tokens) {
  item.value = value_of(element);
  item.kind = kind_of(element);
  item.text = tokens.take_value();
  if (item.kind == Kind::string) item.text = element.get_string().value_unsafe();
}

// check_container() of the root, which lists what it finds.
Result<void> read_root(dom::element root, Tokens tokens, const Limits& limits, std::vector<Item>& items) {
  items.clear();
  if (root.is_array()) {
    const dom::array array = root.get_array().value_unsafe();
    for (const dom::element element : array) {
      tokens.skip(1);  // the bracket or comma before it
      read_value(items.emplace_back(), element, tokens);
      if (is_container(element)) GH_CHECK(check_container(element, limits));
    }
  }
  if (!root.is_object()) return {};
  const dom::object object = root.get_object().value_unsafe();
  Names names;
  for (auto member = object.begin(); member != object.end(); ++member) {
    if (names.size() == limits.members) return fail(Failure::too_large, "members");
    Item& item = items.emplace_back();
    item.name = {member.key_c_str(), member.key_length()};
    if (!names.add(item.name)) return fail(Failure::duplicate_member, std::string(item.name));
    const dom::element value = member.value();
    tokens.skip(3);  // the bracket or comma, the name, the colon
    read_value(item, value, tokens);
    if (is_container(value)) GH_CHECK(check_container(value, limits));
  }
  if (const auto twice = names.duplicate()) return fail(Failure::duplicate_member, std::string(*twice));
  return {};
}

}  // namespace

// --- Value

Kind Value::kind() const noexcept { return kind_of(element_of(*this)); }

bool Value::is_number() const noexcept {
  const Kind own = kind();
  return own == Kind::integer || own == Kind::unsigned_integer || own == Kind::number;
}

bool Value::as_bool() const noexcept { return element_of(*this).get_bool().value_unsafe(); }
std::int64_t Value::as_integer() const noexcept { return element_of(*this).get_int64().value_unsafe(); }
std::uint64_t Value::as_unsigned() const noexcept { return element_of(*this).get_uint64().value_unsafe(); }
double Value::as_double() const noexcept { return element_of(*this).get_double().value_unsafe(); }
std::string_view Value::as_string() const noexcept { return element_of(*this).get_string().value_unsafe(); }

std::size_t Value::size() const noexcept {
  const dom::element element = element_of(*this);
  if (element.is_object()) return element.get_object().value_unsafe().size();
  if (element.is_array()) return element.get_array().value_unsafe().size();
  return 0;
}

std::optional<Value> Value::find(std::string_view name) const noexcept {
  if (!is_object()) return std::nullopt;
  const dom::object object = element_of(*this).get_object().value_unsafe();
  for (const auto member : object)
    if (member.key == name) return value_of(member.value);
  return std::nullopt;
}

std::optional<std::string_view> Value::find_string(std::string_view name) const noexcept {
  const auto value = find(name);
  return value && value->is_string() ? std::optional(value->as_string()) : std::nullopt;
}

std::string Value::dump() const { return simdjson::minify(element_of(*this)); }

Value::Iterator Value::begin() const noexcept {
  Iterator iterator;
  const dom::element element = element_of(*this);
  iterator.in_object_ = element.is_object();
  if (!iterator.in_object_ && !element.is_array()) return iterator;
  const Position first = iterator.in_object_ ? position_of(element.get_object().value_unsafe().begin())
                                             : position_of(element.get_array().value_unsafe().begin());
  iterator.document_ = first.document;
  iterator.position_ = first.index;
  return iterator;
}

Value::Iterator Value::end() const noexcept {
  Iterator iterator;
  const dom::element element = element_of(*this);
  iterator.in_object_ = element.is_object();
  if (!iterator.in_object_ && !element.is_array()) return iterator;
  const Position last = iterator.in_object_ ? position_of(element.get_object().value_unsafe().end())
                                            : position_of(element.get_array().value_unsafe().end());
  iterator.document_ = last.document;
  iterator.position_ = last.index;
  return iterator;
}

std::string_view Value::Iterator::name() const noexcept {
  if (!in_object_) return {};
  return std::bit_cast<dom::object::iterator>(Position{document_, position_}).key();
}

Value Value::Iterator::operator*() const noexcept {
  const Position here{document_, position_};
  return in_object_ ? value_of(std::bit_cast<dom::object::iterator>(here).value())
                    : value_of(*std::bit_cast<dom::array::iterator>(here));
}

Value::Iterator& Value::Iterator::operator++() noexcept {
  const Position here{document_, position_};
  if (in_object_)
    position_ = position_of(++std::bit_cast<dom::object::iterator>(here)).index;
  else
    position_ = position_of(++std::bit_cast<dom::array::iterator>(here)).index;
  return *this;
}

// --- Parser

// What was parsed may have been a private key, so neither the text nor its unescaped
// strings are left in freed memory.
struct Parser::Memory {
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    wipe(padded);
    wipe_strings();
  }

  void wipe_strings() noexcept {
    if (parser.doc.capacity() != 0)
      OPENSSL_cleanse(parser.doc.string_buf.get(), 5 * parser.doc.capacity() / 3);
  }

  bool make_room(std::size_t octets, std::size_t new_depth) {
    if (octets <= parser.doc.capacity() && new_depth == depth) return true;
    wipe_strings();
    const std::size_t capacity = std::max<std::size_t>(std::bit_ceil(octets), 4096);
    depth = new_depth;
    return parser.allocate(capacity, depth) == simdjson::SUCCESS &&
           parser.doc.allocate(capacity) == simdjson::SUCCESS;
  }

  dom::parser parser;
  std::size_t depth = 0;
  std::string padded;  // the text, with blanks behind it that the parser may read
  std::vector<Item> items;
};

Parser::Parser() : memory_(std::make_unique<Memory>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Result<Value> Parser::parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.octets) return fail(Failure::too_large, "octets");
  // A byte order mark is not JSON (RFC 8259 §8.1), and this release would accept one.
  if (text.starts_with("\xEF\xBB\xBF")) return fail(Failure::malformed);
  if (!memory_->make_room(text.size(), limits.depth)) return fail(Failure::too_large, "octets");
  constexpr std::size_t padding = simdjson::SIMDJSON_PADDING;
  if (memory_->padded.capacity() < text.size() + padding) {
    wipe(memory_->padded);  // growing would free it as it stands
    memory_->padded.reserve(std::bit_ceil(text.size() + padding));
  }
  memory_->padded.assign(text);
  memory_->padded.append(padding, ' ');
  const auto parsed = memory_->parser.parse(memory_->padded.data(), text.size(), false);
  if (parsed.error() != simdjson::SUCCESS) return std::unexpected(failure_of(parsed.error()));
  const Tokens tokens(memory_->padded, memory_->parser.implementation->structural_indexes.get());
  GH_CHECK(read_root(parsed.value_unsafe(), tokens, limits, memory_->items));
  return value_of(parsed.value_unsafe());
}

std::span<const Item> Parser::items() const noexcept { return memory_->items; }

}  // namespace gatehouse::json
