/// Token sources — where in a request a bearer token may stand (RFC 6750 §2).
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/http/request.h"

namespace gatehouse::authentication {

/// The `Authorization` header always counts; the others each have a price, and are off.
struct TokenSources {
  bool query = false;  ///< `?access_token=`: ends up in logs and histories (RFC 6750 §5.3)
  bool form = false;   ///< `access_token` in a urlencoded body of a POST, PUT or PATCH
  std::string cookie =
      {};  ///< name of a cookie: the browser sends it by itself, so the API needs a CSRF defence
};

/// The one token of a request, empty when there is none: a view of the request, or of `storage` where it had
/// to be decoded. Fails with several_tokens when there are more, in one place or in several: which one counts
/// is what attackers and proxies would decide (RFC 6750 §3.1).
Result<std::string_view> find_token(const http::Request& request, const TokenSources& sources,
                                    std::string& storage);

/// As the original finds it: the `Authorization` header only, several of them joined by commas, and so become
/// one token that cannot be valid.
std::string_view original_token(const http::Request& request, std::string& storage);

}  // namespace gatehouse::authentication
