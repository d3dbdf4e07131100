#include "gatehouse/stores/session_store.h"

namespace gatehouse::stores {

std::string_view name(SessionEnd reason) noexcept {
  switch (reason) {
    case SessionEnd::logout:
      return "logout";
    case SessionEnd::admin:
      return "admin";
    case SessionEnd::replay:
      return "replay";
    case SessionEnd::password_change:
      return "password_change";
    case SessionEnd::user_disabled:
      return "user_disabled";
    case SessionEnd::client_disabled:
      return "client_disabled";
    case SessionEnd::session_limit:
      return "session_limit";
    case SessionEnd::mismatch:
      return "mismatch";
    case SessionEnd::restored:
      return "restored";
  }
  return "";
}

}  // namespace gatehouse::stores
