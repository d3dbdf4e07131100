#include "gatehouse/http/routing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "gatehouse/base/ascii.h"

namespace gatehouse::http {
namespace {

constexpr std::string_view any_method = "*";
constexpr std::size_t most_values = 16;  // of one pattern; keeps a match free of allocations

// Case-insensitive for ASCII letters. Other characters may collide; the text is compared after it. Patterns
// alone are inserted, so nobody outside can fill a chain.
std::uint32_t hash_of(std::string_view segment) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : segment) hash = (hash ^ (static_cast<std::uint8_t>(c) | 0x20u)) * 0x100000001b3;
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

bool is_integer(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0') || text.front() == '-') return false;
  return parse_number<std::int64_t>(text).has_value();
}

// Takes the first segment off `rest`. False when a '/' ends the text: the one that is allowed is gone
// already.
bool take_segment(std::string_view& rest, std::string_view& segment) noexcept {
  const std::size_t end = rest.find('/');
  segment = rest.substr(0, end);
  if (end == std::string_view::npos) {
    rest = {};
    return true;
  }
  rest.remove_prefix(end + 1);
  return !rest.empty();
}

std::string_view without_outer_slashes(std::string_view path) noexcept {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

struct Segment {
  enum class Kind : std::uint8_t { text, integer, any, remainder };
  Kind kind = Kind::text;
  std::string_view name;  // the text itself, or the name in the braces
};

bool is_name(std::string_view text) noexcept {
  const auto is_word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !text.empty() && std::ranges::all_of(text, is_word);
}

bool is_plain_text(std::string_view text) noexcept {
  const auto is_plain = [](char c) {
    return c > 0x20 && c < 0x7f && !std::string_view("{}%?#\\").contains(c);
  };
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, is_plain);
}

Result<Segment> parse_segment(std::string_view text) {
  if (!text.starts_with('{') || !text.ends_with('}')) {
    if (!is_plain_text(text))
      return fail(Failure::configuration_invalid, fmt::format("the segment '{}'", text));
    return Segment{.name = text};
  }
  std::string_view inside = text.substr(1, text.size() - 2);
  const bool is_remainder = inside.starts_with('*');
  if (is_remainder) inside.remove_prefix(1);
  const std::size_t colon = inside.find(':');
  const std::string_view name = inside.substr(0, colon);
  if (!is_name(name)) return fail(Failure::configuration_invalid, fmt::format("the name in '{}'", text));
  if (colon == std::string_view::npos)
    return Segment{.kind = is_remainder ? Segment::Kind::remainder : Segment::Kind::any, .name = name};
  if (is_remainder || inside.substr(colon) != ":int")
    return fail(Failure::configuration_invalid,
                fmt::format("the constraint in '{}'; there is only int", text));
  return Segment{.kind = Segment::Kind::integer, .name = name};
}

Result<std::vector<Segment>> parse_pattern(std::string_view pattern) {
  std::vector<Segment> segments;
  if (!pattern.starts_with('/')) return fail(Failure::configuration_invalid, "it has to begin with '/'");
  std::string_view rest = without_outer_slashes(pattern);
  std::size_t values = 0;
  while (!rest.empty()) {
    std::string_view text;
    if (!take_segment(rest, text)) return fail(Failure::configuration_invalid, "an empty segment");
    GH_TRY(const Segment segment, parse_segment(text));
    if (segment.kind == Segment::Kind::remainder && !rest.empty())
      return fail(Failure::configuration_invalid, fmt::format("'{}' has to be its end", text));
    if (segment.kind != Segment::Kind::text) {
      const auto same_name = [&](const Segment& s) {
        return s.kind != Segment::Kind::text && s.name == segment.name;
      };
      if (std::ranges::any_of(segments, same_name))
        return fail(Failure::configuration_invalid, fmt::format("the name '{}' twice", segment.name));
      if (++values > most_values) return fail(Failure::configuration_invalid, "more than 16 values");
    }
    segments.push_back(segment);
  }
  return segments;
}

}  // namespace

// One place in the tree of segments. Children by text sit in an open-addressed table beside their hashes, so
// that a step is one look into the table and one into the child, whatever the number of routes.
struct RouteTable::Node {
  struct Leaf {
    std::string method;
    const Endpoint* endpoint;
    std::vector<std::string> names;
  };
  struct Slot {
    std::uint32_t hash = 0;
    std::unique_ptr<Node> child = nullptr;
  };

  std::string text = {};  // of the segment that leads here
  std::vector<Slot> slots = {};
  std::size_t children = 0;
  std::unique_ptr<Node> integer = nullptr;
  std::unique_ptr<Node> any = nullptr;
  std::unique_ptr<Node> remainder = nullptr;
  std::vector<Leaf> leaves = {};

  Slot& slot_for(std::string_view segment, std::uint32_t hash) noexcept {
    std::size_t i = hash & (slots.size() - 1);
    while (slots[i].child && !(slots[i].hash == hash && equals_ignoring_case(slots[i].child->text, segment)))
      i = (i + 1) & (slots.size() - 1);
    return slots[i];
  }

  const Node* find(std::string_view segment) const noexcept {
    if (slots.empty()) return nullptr;
    return const_cast<Node*>(this)->slot_for(segment, hash_of(segment)).child.get();
  }

  Node& child(const Segment& segment) {
    if (segment.kind != Segment::Kind::text) {
      std::unique_ptr<Node>& place = segment.kind == Segment::Kind::integer ? integer
                                     : segment.kind == Segment::Kind::any   ? any
                                                                            : remainder;
      if (!place) place = std::make_unique<Node>();
      return *place;
    }
    if (2 * (children + 1) > slots.size()) grow();
    const std::uint32_t hash = hash_of(segment.name);
    Slot& slot = slot_for(segment.name, hash);
    if (!slot.child) {
      slot = {.hash = hash, .child = std::make_unique<Node>()};
      slot.child->text = segment.name;
      ++children;
    }
    return *slot.child;
  }

  void grow() {
    std::vector<Slot> old = std::exchange(slots, {});
    slots.resize(std::max<std::size_t>(4, old.size() * 2));
    for (Slot& slot : old)
      if (slot.child) slot_for(slot.child->text, slot.hash) = std::move(slot);
  }

  const Leaf* leaf(std::string_view method) const noexcept {
    auto found = std::ranges::find(leaves, method, &Leaf::method);
    if (found == leaves.end()) found = std::ranges::find(leaves, any_method, &Leaf::method);
    return found == leaves.end() ? nullptr : &*found;
  }

  // Calls `accept(node)` for each node that `rest` leads to, the most exact one first, until it returns true.
  // A node is reached on one way only, so no path can make this visit more nodes than there are.
  template <class F>
  bool visit(std::string_view rest, std::span<std::string_view> values, std::size_t count, F&& accept) const {
    if (rest.empty())
      return (!leaves.empty() && accept(*this, count)) || visit_remainder(rest, values, count, accept);
    const std::string_view whole = rest;
    std::string_view segment;
    if (!take_segment(rest, segment)) return false;
    if (const Node* next = find(segment); next && next->visit(rest, values, count, accept)) return true;
    if (segment.empty() || count == values.size()) return false;
    values[count] = segment;
    if (integer && is_integer(segment) && integer->visit(rest, values, count + 1, accept)) return true;
    if (any && any->visit(rest, values, count + 1, accept)) return true;
    return visit_remainder(whole, values, count, accept);
  }

  template <class F>
  bool visit_remainder(std::string_view rest, std::span<std::string_view> values, std::size_t count,
                       F& accept) const {
    if (!remainder || count == values.size()) return false;
    values[count] = rest;
    return accept(*remainder, count + 1);
  }
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;

Endpoint& RouteTable::add(std::string method, std::string pattern, Handler handler) {
  endpoints_.push_back(std::make_unique<Endpoint>(Endpoint{.method = std::move(method),
                                                           .pattern = std::move(pattern),
                                                           .handler = std::move(handler),
                                                           .index = endpoints_.size()}));
  Endpoint& endpoint = *endpoints_.back();
  const auto fault = [&](std::string_view why) {
    faults_.push_back(
        {.kind = Failure::configuration_invalid,
         .subject = fmt::format("the route {} '{}' is wrong: {}", endpoint.method, endpoint.pattern, why)});
  };
  const Result<std::vector<Segment>> segments = parse_pattern(endpoint.pattern);
  if (!segments) {
    fault(segments.error().subject);
    return endpoint;
  }
  if (!is_token(endpoint.method)) fault("the method is no token");
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const Segment& segment : *segments) {
    node = &node->child(segment);
    if (segment.kind != Segment::Kind::text) names.emplace_back(segment.name);
  }
  if (const auto there = std::ranges::find(node->leaves, endpoint.method, &Node::Leaf::method);
      there != node->leaves.end())
    fault(fmt::format("it leads where '{}' leads already", there->endpoint->pattern));
  else
    node->leaves.push_back({.method = endpoint.method, .endpoint = &endpoint, .names = std::move(names)});
  return endpoint;
}

Result<void> RouteTable::check() const {
  if (faults_.empty()) return {};
  return std::unexpected(faults_.front());
}

Match RouteTable::match(std::string_view method, std::string_view path, HttpContext& context) const {
  if (!path.starts_with('/')) return Match::not_found;  // "OPTIONS *" asks about the server, no resource
  std::array<std::string_view, most_values> values;
  bool is_known_path = false;
  const bool is_found =
      root_->visit(without_outer_slashes(path), values, 0, [&](const Node& node, std::size_t count) {
        is_known_path = true;
        const Node::Leaf* leaf = node.leaf(method);
        if (!leaf) return false;
        context.set_endpoint(leaf->endpoint);
        context.route.clear();
        for (std::size_t i = 0; i < count; ++i) context.route.add(leaf->names[i], values[i]);
        return true;
      });
  if (is_found) return Match::found;
  return is_known_path ? Match::method_not_allowed : Match::not_found;
}

std::string RouteTable::allowed_methods(std::string_view path) const {
  std::array<std::string_view, most_values> values;
  std::vector<std::string_view> methods;
  root_->visit(without_outer_slashes(path), values, 0, [&](const Node& node, std::size_t) {
    for (const Node::Leaf& leaf : node.leaves)
      if (std::ranges::find(methods, leaf.method) == methods.end()) methods.push_back(leaf.method);
    return false;
  });
  return fmt::format("{}", fmt::join(methods, ", "));
}

namespace {

// The 405 comes on the way back, so that whatever stands behind may still answer: a preflight, a fallback.
Task<void> refuse_method(const RouteTable& table, HttpContext& context, Next next) {
  co_await next(context);
  if (context.response.status != 404) co_return;
  context.response.status = 405;
  context.response.headers.set("Allow", table.allowed_methods(context.request.path));
}

}  // namespace

Middleware use_routing(const RouteTable& table) {
  return [&table](HttpContext& context, Next next) -> Task<void> {
    const Match match = table.match(context.request.method, context.request.path, context);
    return match == Match::method_not_allowed ? refuse_method(table, context, next) : next(context);
  };
}

}  // namespace gatehouse::http
