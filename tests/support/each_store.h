/// EachStore — a fixture whose tests run against every backend of the stores; a new backend is a line here.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gatehouse/stores/store.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::test_support {

struct StoreBackend {
  const char* name;
  std::unique_ptr<stores::Store> (*make)(const std::string& path);
};

inline constexpr StoreBackend store_backends[] = {
    {"Memory", [](const std::string&) { return stores::make_memory_store(); }},
    {"Sqlite", [](const std::string& path) { return stores::open_sqlite_store(path).value(); }},
};

class EachStore : public ::testing::TestWithParam<StoreBackend> {
 protected:
  TemporaryFolder folder_;
  std::unique_ptr<stores::Store> store_ = GetParam().make(folder_.path("store.db"));
};

}  // namespace gatehouse::test_support

/// Runs the tests of a fixture that is derived from EachStore.
#define GH_TEST_EACH_STORE(FIXTURE)                                                                         \
  INSTANTIATE_TEST_SUITE_P(Stores, FIXTURE, ::testing::ValuesIn(::gatehouse::test_support::store_backends), \
                           [](const auto& test) { return test.param.name; })
