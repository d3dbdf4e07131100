#include "gatehouse/http/services.h"

#include <stdexcept>
#include <string>

namespace gatehouse::http {

void throw_no_service(const std::type_info& type) {
  throw std::logic_error(std::string("no service of type ") + type.name() + " was added");
}

}  // namespace gatehouse::http
