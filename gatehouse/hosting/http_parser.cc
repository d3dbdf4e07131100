#include "gatehouse/hosting/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>

#include "gatehouse/base/ascii.h"
#include "gatehouse/hosting/chunk_decoder.h"
#include "gatehouse/http/request_target.h"

namespace gatehouse::hosting {
namespace {

using http::is_authority;
using http::split_target;
using http::Target;
namespace beast = boost::beast;
using beast::http::error;
using Field = beast::http::field;
using Progress = RequestParser::Progress;

// What the fields said about the rest, and how far the body is.
struct Facts {
  std::string_view target = {};
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t encodings = 0;
  std::size_t body_size = 0;
  bool is_chunked = false;
  bool is_version_1_0 = false;
  bool expects_continue = false;
  bool has_header = false;

  std::size_t body_begin = 0;
  std::size_t body_end = 0;  // of what is there
  bool is_path_in_buffer = false;
};

// Of transfer codings; a parameter or a quoted string is none of them here.
bool is_list_of_tokens(std::string_view text) noexcept {
  return !text.empty() && text.find_first_of("\"(){}[]<>@:\\/?=;") == std::string_view::npos;
}

// "METHOD target HTTP/2.0": well formed, and of a version that is not spoken here. The preface of HTTP/2 is
// no request.
bool names_other_version(std::string_view block) noexcept {
  const std::string_view line = block.substr(0, block.find('\r'));
  if (line.size() < 12 || line.starts_with("PRI ") || std::ranges::count(line, ' ') != 2) return false;
  const std::string_view version = line.substr(line.size() - 9);
  return version.starts_with(" HTTP/") && version[7] == '.' && is_digit(version[6]) && is_digit(version[8]);
}

Refusal refusal_of(const beast::error_code& failure, std::string_view block) noexcept {
  if (failure == error::bad_version && names_other_version(block)) return {505, "version_unsupported"};
  if (failure == error::bad_method || failure == error::bad_target || failure == error::bad_version)
    return {400, "request_line_invalid"};
  if (failure == error::bad_content_length || failure == error::multiple_content_length ||
      failure == error::bad_transfer_encoding)
    return {400, "body_length_ambiguous"};
  return {400, "header_invalid"};
}

}  // namespace

// Around Beast's tokenizer stands what it leaves to its user: limits, all about Host, Content-Length and
// Transfer-Encoding, and the target. It sees a header block only when that is there as a whole.
class RequestParser::State {
 public:
  explicit State(const Limits& limits) : limits_(limits), scanner_(limits), chunks_(limits) {}

  void reset();
  Progress advance(ReadBuffer& buffer);

  http::Request request;
  Facts facts;
  Refusal refusal;
  bool keeps_alive() const { return tokenizer_->keep_alive(); }

  // What the tokenizer finds; false stops it.
  void take_request_line(std::string_view method, std::string_view target, int version);
  bool take_field(Field field, std::string_view name, std::string_view value);

 private:
  class Tokenizer;

  bool refuse(int status, std::string_view code);
  bool read_block(std::string_view text);
  bool check_header();
  bool read_target();
  void follow(const char* data);
  Progress read_sized_body(ReadBuffer& buffer);
  Progress read_chunked_body(ReadBuffer& buffer);

  class Tokenizer final : public beast::http::basic_parser<true> {
   public:
    explicit Tokenizer(State& listener) : state_(listener) {
      header_limit(UINT32_MAX);  // both limits are checked around it
      body_limit(boost::none);
    }

   private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         beast::error_code&) override {
      state_.take_request_line(method, target, version);
    }
    void on_field_impl(Field field, beast::string_view name, beast::string_view value,
                       beast::error_code& ec) override {
      if (!state_.take_field(field, name, value)) ec = error::bad_field;
    }
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_header_impl(beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
    std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override {
      return 0;
    }
    void on_finish_impl(beast::error_code&) override {}

    State& state_;
  };

  const Limits& limits_;
  HeaderScanner scanner_;
  ChunkDecoder chunks_;
  std::optional<Tokenizer> tokenizer_;
  std::string path_storage_;
  const char* base_ = nullptr;  // where the request's first octet was at the last look
};

void RequestParser::State::reset() {
  scanner_.reset();
  chunks_.reset();
  facts = {};
  request.headers.clear();
  request.body = {};
  base_ = nullptr;
}

bool RequestParser::State::refuse(int status, std::string_view code) {
  refusal = {.status = status, .code = code};
  return false;
}

Progress RequestParser::State::advance(ReadBuffer& buffer) {
  if (facts.has_header) {
    follow(buffer.data());
  } else {
    switch (scanner_.advance(buffer.view())) {
      case HeaderScanner::Verdict::more:
        return Progress::more;
      case HeaderScanner::Verdict::refused:
        refusal = scanner_.refusal();
        return Progress::refused;
      case HeaderScanner::Verdict::complete:
        break;
    }
    base_ = buffer.data();
    if (!read_block(buffer.view().substr(scanner_.begin(), scanner_.end() - scanner_.begin())))
      return Progress::refused;
  }
  return facts.is_chunked ? read_chunked_body(buffer) : read_sized_body(buffer);
}

bool RequestParser::State::read_block(std::string_view block) {
  refusal = {};
  tokenizer_.emplace(*this);
  beast::error_code failure;
  tokenizer_->put(boost::asio::buffer(block.data(), block.size()), failure);
  if (failure) {
    if (refusal.status == 0) refusal = refusal_of(failure, block);
    return false;
  }
  facts.has_header = true;
  facts.body_begin = facts.body_end = scanner_.end();
  return check_header();
}

void RequestParser::State::take_request_line(std::string_view method, std::string_view target, int version) {
  request.method = method;
  facts.target = target;
  facts.is_version_1_0 = version == 10;
}

bool RequestParser::State::take_field(Field field, std::string_view name, std::string_view value) {
  request.headers.add(name, value);
  switch (field) {
    case Field::host:
      request.host = value;
      ++facts.hosts;
      return true;
    case Field::content_length:
      // Beast takes "5, 5" and the same length twice. A proxy that does not would cut the body elsewhere.
      if (++facts.lengths > 1 || !std::ranges::all_of(value, is_digit))
        return refuse(400, "body_length_ambiguous");
      return true;
    case Field::transfer_encoding:
      if (++facts.encodings > 1) return refuse(400, "body_length_ambiguous");
      if (!equals_ignoring_case(value, "chunked"))
        return is_list_of_tokens(value) ? refuse(501, "transfer_encoding_unsupported")
                                        : refuse(400, "body_length_ambiguous");
      facts.is_chunked = true;
      return true;
    case Field::expect:
      if (!equals_ignoring_case(value, "100-continue")) return refuse(417, "expectation_unknown");
      facts.expects_continue = true;
      return true;
    default:
      return true;
  }
}

bool RequestParser::State::check_header() {
  if (facts.is_version_1_0) {
    if (facts.encodings > 0) return refuse(400, "body_length_ambiguous");  // RFC 9112 §6.1
    if (facts.hosts == 0) request.host = {};
    facts.expects_continue = false;
  }
  if (facts.hosts > 1 || (facts.hosts == 0 && !facts.is_version_1_0)) return refuse(400, "host_invalid");
  if (facts.hosts == 1 && !is_authority(request.host)) return refuse(400, "host_invalid");
  if (!read_target()) return false;
  const std::uint64_t length = tokenizer_->content_length().value_or(0);
  if (length > limits_.body) return refuse(413, "body_too_large");
  facts.body_size = static_cast<std::size_t>(length);
  if (!facts.is_chunked && length == 0) facts.expects_continue = false;
  return true;
}

bool RequestParser::State::read_target() {
  const std::optional<Target> target = split_target(request.method, facts.target);
  if (!target) return refuse(400, "target_invalid");
  // Host and target of one request must not speak of two servers: the one that routes may not be the one that
  // allows.
  if (!target->authority.empty() && facts.hosts == 1 &&
      !equals_ignoring_case(target->authority, request.host))
    return refuse(400, "host_invalid");
  if (facts.target.front() != '/' && target->path != "*") {
    if (!is_authority(target->authority)) return refuse(400, "target_invalid");
    request.host = target->authority;
  }
  request.query = target->query;
  if (target->path == "*" || target->path.empty()) {
    request.path = target->path.empty() ? "/" : "*";
    return true;
  }
  const std::optional<std::string_view> path = http::decode_path(target->path, path_storage_);
  if (!path) return refuse(400, "target_invalid");
  request.path = *path;
  facts.is_path_in_buffer = path->data() == target->path.data();
  return true;
}

// The buffer grew and its octets moved: the views go with them.
void RequestParser::State::follow(const char* data) {
  if (data == base_) return;
  const auto moved = [this, data](std::string_view view) {
    return view.empty() ? view : std::string_view(data + (view.data() - base_), view.size());
  };
  request.method = moved(request.method);
  if (facts.is_path_in_buffer) request.path = moved(request.path);
  request.query = moved(request.query);
  request.host = moved(request.host);
  http::RequestHeaders headers;
  for (const http::RequestHeaders::Field& field : request.headers)
    headers.add(moved(field.name), moved(field.value));
  request.headers = std::move(headers);
  base_ = data;
}

Progress RequestParser::State::read_sized_body(ReadBuffer& buffer) {
  facts.body_end = std::min(buffer.size(), facts.body_begin + facts.body_size);
  if (facts.body_end - facts.body_begin < facts.body_size) return Progress::more;
  request.body = buffer.view().substr(facts.body_begin, facts.body_size);
  return Progress::complete;
}

Progress RequestParser::State::read_chunked_body(ReadBuffer& buffer) {
  switch (chunks_.advance(buffer, facts.body_end)) {
    case HeaderScanner::Verdict::more:
      return Progress::more;
    case HeaderScanner::Verdict::refused:
      refusal = chunks_.refusal();
      return Progress::refused;
    case HeaderScanner::Verdict::complete:
      break;
  }
  request.body = buffer.view().substr(facts.body_begin, facts.body_end - facts.body_begin);
  return Progress::complete;
}

RequestParser::RequestParser(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() { state_->reset(); }
Progress RequestParser::advance(ReadBuffer& buffer) { return state_->advance(buffer); }
bool RequestParser::has_header() const noexcept { return state_->facts.has_header; }
bool RequestParser::wants_continue() const noexcept {
  return state_->facts.expects_continue && state_->facts.body_end == state_->facts.body_begin;
}
std::size_t RequestParser::octets() const noexcept { return state_->facts.body_end; }
http::Request& RequestParser::request() noexcept { return state_->request; }
bool RequestParser::keeps_alive() const noexcept { return state_->keeps_alive(); }
bool RequestParser::is_version_1_0() const noexcept { return state_->facts.is_version_1_0; }
const Refusal& RequestParser::refusal() const noexcept { return state_->refusal; }

}  // namespace gatehouse::hosting
