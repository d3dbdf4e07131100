/// Login over HTTP — what a request says about the client, and how a login is refused.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/http/client_address.h"
#include "gatehouse/http/request.h"
#include "gatehouse/http/response.h"
#include "gatehouse/issuer/login.h"

namespace gatehouse::issuer {

/// The credentials, with the client's address (client_address.h) and its device token, from the cookie
/// `gh_dev`.
LoginRequest make_login_request(std::string email, std::string password, const http::Request& request,
                                std::span<const http::IpNetwork> trusted_proxies);

/// Has a browser keep the device token: for HTTPS only, out of reach of scripts and of other sites.
void remember_device(http::Response& response, std::string_view device_token, Seconds lifetime);

/// 401 for wrong credentials of whatever kind; 429 with Retry-After; 503 `temporarily_unavailable` with a
/// Retry-After of 1 to 5 s drawn at random, so that who was sent away does not come back all at once.
http::Response login_refusal(const Error& error);

}  // namespace gatehouse::issuer
