/// Demo users — the people of the example, and the hook that turns away the disabled ones.
#pragma once

#include <string>

#include "gatehouse/gatehouse.h"

namespace orders {

/// Opens the database that `Orders:Database` names; in Development, without one, a file in the user's state
/// folder. An empty database in Development gets two users whose random passwords are printed, this once.
/// What cannot be opened joins the builder's faults.
gatehouse::UserStore& open_users(gatehouse::WebApplicationBuilder& builder);

/// OnTokenValidated: a token of a user who was disabled after it was made is good for nothing. The look-up
/// waits on a pool of its own, never on a reactor.
class RefuseDisabledUsers {
 public:
  explicit RefuseDisabledUsers(gatehouse::UserStore& users)
      : users_(&users), pool_(std::make_shared<gatehouse::WorkerPool>("users", 1, 1000)) {}

  gatehouse::Task<void> operator()(gatehouse::TokenValidatedContext& context) const;

 private:
  gatehouse::UserStore* users_;
  std::shared_ptr<gatehouse::WorkerPool> pool_;
};

}  // namespace orders
