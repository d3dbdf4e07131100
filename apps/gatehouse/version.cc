#include "apps/gatehouse/version.h"

#include <link.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <memory>

#include "gatehouse/base/json.h"

namespace gatehouse::program {
namespace {

struct Free {
  void operator()(char* memory) const { std::free(memory); }  // NOLINT(*-no-malloc): realpath's
};

std::string real_path(const char* path) {
  const std::unique_ptr<char, Free> real(::realpath(path, nullptr));
  return real ? real.get() : path;
}

int add_library(dl_phdr_info* object, std::size_t, void* names) {
  if (object->dlpi_name && *object->dlpi_name == '/')
    static_cast<std::vector<std::string>*>(names)->emplace_back(object->dlpi_name);
  return 0;
}

}  // namespace

ExitCode version(bool as_json) {
  if (!as_json) {
    print("gatehouse " GATEHOUSE_VERSION "\n");
    return yes;
  }
  std::vector<std::string> paths;
  ::dl_iterate_phdr(add_library, &paths);
  json::Writer json;
  json.begin_object().member("version", GATEHOUSE_VERSION);
  json.member("openssl", ::OpenSSL_version(OPENSSL_VERSION)).name("libraries").begin_array();
  for (const std::string& path : paths)
    json.begin_object()
        .member("name", path.substr(path.rfind('/') + 1))
        .member("file", real_path(path.c_str()))
        .end_object();
  json.end_array().end_object();
  print(std::string(json.text()) + '\n');
  return yes;
}

}  // namespace gatehouse::program
