/// Request — one HTTP request as plain values; no socket behind it.
///
/// Everything is a view into memory of whoever made the request, valid until the response is written. The
/// path is decoded once, before anything sees it; nothing downstream decodes again (CVE-2022-22978 and its
/// kin).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/http/headers.h"

namespace gatehouse::http {

struct Request {
  std::string_view method = "GET";  ///< as sent; methods are case-sensitive (RFC 9110 §9.1)
  std::string_view path = "/";      ///< decoded, begins with '/', without dot segments; "*" of `OPTIONS *`
  std::string_view query = {};      ///< raw, without '?'
  std::string_view host = {};       ///< `Host`, with its port
  std::string_view remote_address = {};
  bool is_https = false;
  RequestHeaders headers = {};
  std::string_view body = {};  ///< complete; the host has read it before the pipeline runs

  std::optional<std::string_view> header(std::string_view name) const noexcept { return headers.find(name); }
  std::optional<std::string> query_value(std::string_view name) const;  ///< decoded; the first of that name
  std::optional<std::string> cookie(std::string_view name) const;       ///< RFC 6265 §4.2; quotes taken off
};

/// A browser asking, without credentials, whether it may send them (Fetch §3.2.2).
bool is_preflight(const Request& request) noexcept;

/// The decoded path of a request target, ready for routing. Percent-decoding happens once; the result must be
/// UTF-8. Empty for what must be answered 400: a bad escape, NUL or another control character, an encoded '/'
/// or '\', a raw backslash, blank, '?', '#' or octet beyond ASCII, a '.' or '..' segment in any spelling
/// (also "..;x"), an empty segment
/// ("//"), or a target that does not begin with '/'.
std::optional<std::string> decode_path(std::string_view raw_path);

/// The same without a copy: `raw_path` itself when it holds no escape, else a view of `storage`.
std::optional<std::string_view> decode_path(std::string_view raw_path, std::string& storage);

/// Percent-decodes a query or form component, '+' as a space. Empty for a bad escape.
std::optional<std::string> decode_component(std::string_view text);

}  // namespace gatehouse::http
