// The engine interface is how Debian 12 reaches PKCS#11 tokens; OpenSSL 3 calls it deprecated, and its
// successor is not packaged there. This is the only source that knows of it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "gatehouse/jose/key_pkcs11.h"

#include <dlfcn.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>

#include "gatehouse/base/ascii.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key_material.h"

namespace gatehouse::jose {
namespace {

std::unexpected<Error> misconfigured(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

// What a URI says: the path names the key, the query how to reach it (RFC 7512 §2.3).
struct Reference {
  std::string path;
  std::string module_path;
  std::string pin_source;
};

Result<void> read_attribute(std::string_view attribute, Reference& reference) {
  const std::size_t equals = attribute.find('=');
  const std::string_view name = attribute.substr(0, equals);
  std::string value;
  if (equals == attribute.npos || !percent_decode(attribute.substr(equals + 1), value))
    return misconfigured("the pkcs11 URI is not well-formed");
  if (name == "module-path") reference.module_path = value;
  if (name == "pin-source") reference.pin_source = value.starts_with("file:") ? value.substr(5) : value;
  // Whoever may read the configuration would have the key.
  if (name == "pin-value") return misconfigured("a pkcs11 URI holds no PIN; name a file with pin-source");
  return {};
}

Result<Reference> read_uri(std::string_view uri) {
  if (!uri.starts_with("pkcs11:"))
    return misconfigured("a key on a token is named by a URI that begins with pkcs11:");
  Reference reference;
  const std::size_t mark = uri.find('?');
  reference.path = uri.substr(0, mark);
  if (reference.path.contains("pin-value")) return misconfigured("a pkcs11 URI holds no PIN");
  std::string_view query = mark == uri.npos ? "" : uri.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    GH_CHECK(read_attribute(query.substr(0, end), reference));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return reference;
}

Result<Secret> read_pin(const Reference& reference, const Pkcs11Options& options) {
  if (!options.pin.empty() || reference.pin_source.empty()) return options.pin;
  std::ifstream file(reference.pin_source);
  if (!file) return misconfigured("pin-source names a file that cannot be read: " + reference.pin_source);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  Secret pin(text);
  wipe(text);
  return pin;
}

// OpenSSL has one engine for all tokens, and the engine one module; it is opened once and stays open.
struct OpenEngine {
  std::mutex mutex;
  ENGINE* engine = nullptr;
  std::string module_path;
};

// The engine takes every path and looks for the module when it looks for a key. What is opened here stays so.
bool is_module(const std::string& path) { return path.empty() || dlopen(path.c_str(), RTLD_LAZY) != nullptr; }

Result<ENGINE*> open_engine(OpenEngine& open, const std::string& module_path) {
  if (open.engine && open.module_path != module_path)
    return misconfigured("this process has opened another PKCS#11 module already: " + open.module_path);
  if (open.engine) return open.engine;
  if (!is_module(module_path)) return misconfigured("the PKCS#11 module cannot be opened: " + module_path);
  ENGINE_load_dynamic();
  ENGINE* engine = ENGINE_by_id("pkcs11");
  if (!engine) return misconfigured("OpenSSL has no engine for PKCS#11; install libengine-pkcs11-openssl");
  const bool is_ready =
      (module_path.empty() || ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", module_path.c_str(), 0) == 1) &&
      ENGINE_init(engine) == 1;
  if (!is_ready) {
    ENGINE_free(engine);
    return misconfigured("the engine for PKCS#11 does not start");
  }
  open.engine = engine;
  open.module_path = module_path;
  return engine;
}

OwnedPkey load_private_key(ENGINE* engine, const std::string& path, const Secret& pin) {
  // Not in the URI, where the engine would take one too: it writes URIs that it cannot serve on stderr.
  std::string text(pin.reveal());
  const bool is_set = text.empty() || ENGINE_ctrl_cmd_string(engine, "PIN", text.c_str(), 0) == 1;
  wipe(text);
  if (!is_set) return nullptr;
  // A null interface: a service that starts must not sit at a terminal's PIN prompt.
  return OwnedPkey(ENGINE_load_private_key(engine, path.c_str(), const_cast<UI_METHOD*>(UI_null()), nullptr));
}

OwnedPkey public_half(const EVP_PKEY* token_key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(token_key, &der);
  if (size <= 0) return nullptr;
  const unsigned char* at = der;
  OwnedPkey key(d2i_PUBKEY(nullptr, &at, size));
  OPENSSL_free(der);
  return key;
}

Result<std::shared_ptr<KeyMaterial>> load_material(ENGINE* engine, const std::string& path,
                                                   const Secret& pin) {
  auto material = std::make_shared<KeyMaterial>();
  material->token_key = load_private_key(engine, path, pin);
  OwnedPkey shared = material->token_key ? public_half(material->token_key.get()) : nullptr;
  ERR_clear_error();
  if (!shared) return fail(Failure::key_invalid, "the token does not give this key: " + path);
  GH_CHECK(adopt(*material, std::move(shared), false));
  material->is_private = true;
  material->use = "sig";
  return material;
}

// One signature with an algorithm of its kind, checked with the public half; none at all never holds.
bool signs_for_itself(const Key& key) {
  return std::ranges::any_of(algorithms(), [&](const AlgorithmTraits& row) {
    return verify("trial", sign("trial", key, row.algorithm).value_or(""), key, row.algorithm).has_value();
  });
}

}  // namespace

Result<Key> open_pkcs11_key(std::string_view uri, const Pkcs11Options& options, std::string kid) {
  GH_TRY(const Reference reference, read_uri(uri));
  GH_TRY(const Secret pin, read_pin(reference, options));
  static OpenEngine open;
  const std::lock_guard lock(open.mutex);
  GH_TRY(ENGINE * engine,
         open_engine(open, options.module_path.empty() ? reference.module_path : options.module_path));
  GH_TRY(auto material, load_material(engine, reference.path, pin));
  const Key key = make_key(std::move(material));
  if (!signs_for_itself(key)) return fail(Failure::key_invalid, "the token does not sign with this key");
  return key.with_kid(kid.empty() ? key.thumbprint() : std::move(kid));
}

}  // namespace gatehouse::jose
