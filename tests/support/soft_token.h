/// SoftToken — a PKCS#11 token of SoftHSM in a folder of its own, for a test program's whole life.
///
/// One a process: SoftHSM reads its configuration once, and OpenSSL's engine keeps the module.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace gatehouse::test_support {

class SoftToken {
 public:
  static constexpr const char* module_path = "/usr/lib/softhsm/libsofthsm2.so";

  explicit SoftToken(std::string pin) : pin_(std::move(pin)) {
    std::filesystem::create_directories(folder_.path("tokens"));
    std::ofstream(folder_.path("softhsm2.conf"))
        << "directories.tokendir = " << folder_.path("tokens") << "\nlog.level = ERROR\n";
    write_file(pin_file(), pin_ + "\r\n");
    ::setenv("SOFTHSM2_CONF", folder_.path("softhsm2.conf").c_str(), 1);
  }

  void init(const std::string& label) const {
    run(fmt::format("softhsm2-util --init-token --free --label {} --so-pin 5678 --pin '{}'", label, pin_));
  }
  void make_key(const std::string& token, const std::string& type, const std::string& label,
                const std::string& id) const {
    tool(token, fmt::format("--keypairgen --key-type {} --label {} --id {}", type, label, id));
  }
  void tool(const std::string& token, const std::string& task) const {
    run(fmt::format("pkcs11-tool --module {} --token-label {} --login --pin '{}' {}", module_path, token,
                    pin_, task));
  }

  std::string uri(const std::string& token, const std::string& object) const {
    return fmt::format("pkcs11:token={};object={}?module-path={}&pin-source=file:{}", token, object,
                       module_path, pin_file());
  }
  std::string pin_file() const { return folder_.path("pin"); }
  std::string path(const std::string& name) const { return folder_.path(name); }

 private:
  static void run(const std::string& command) {
    ASSERT_EQ(std::system(fmt::format("ASAN_OPTIONS= {} >/dev/null 2>&1", command).c_str()), 0) << command;
  }

  TemporaryFolder folder_;
  std::string pin_;
};

}  // namespace gatehouse::test_support
