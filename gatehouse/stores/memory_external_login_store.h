/// External logins in memory; private to this room.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "gatehouse/stores/external_login_store.h"

namespace gatehouse::stores {

class MemoryExternalLoginStore final : public ExternalLoginStore {
 public:
  Task<Result<ExternalLogin>> find(std::string issuer, std::string subject) override;
  Task<Result<void>> add(ExternalLogin login) override;
  Task<Result<void>> remove(std::string issuer, std::string subject) override;
  Task<Result<std::vector<ExternalLogin>>> list(std::string user_id) override;

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, ExternalLogin> logins_;  // by issuer and subject
};

}  // namespace gatehouse::stores
