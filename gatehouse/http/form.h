/// Form — the parameters of an application/x-www-form-urlencoded body, as OAuth reads them (RFC 6749 §3.2).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"
#include "gatehouse/http/request.h"

namespace gatehouse::http {

class Form {
 public:
  /// Fails with malformed, the subject a sentence for the caller: another content type or charset than UTF-8,
  /// a bad escape, a parameter twice, or any in the query, where it would be logged; with too_large beyond
  /// 100 parameters. Values are octets: nobody has looked at what they say.
  static Result<Form> read(const Request& request);

  /// The value; empty when it is absent: a parameter without a value is one that was not sent (RFC 6749
  /// §3.1).
  std::string_view operator[](std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> parameters_;
};

}  // namespace gatehouse::http
