/// Private files — state, keys and secrets on disk that nobody else may write.
///
/// Whoever can write such a file decides what this process believes. So one is read and written only where
/// its owner and mode, and those of its folder, say that nobody but this user and root can. Folders further
/// up, access lists and what root does are not looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/result.h"

namespace gatehouse {

struct PrivateFileRules {
  std::size_t most = 1 << 20;  ///< octets
  bool is_secret = false;      ///< others than its group must not read it either
  bool may_be_link = false;    ///< for a file that an operator names: mounted secrets are links
};

/// The octets of the file. Fails with not_found, too_large, unavailable (the system's word), and with
/// configuration_invalid, the subject naming the file, what is unsafe and the fix: a link, what is no plain
/// file, another owner than this user and root, a mode that lets others write, a folder that others own, or
/// may write without the sticky bit.
Result<std::string> read_private_file(const std::string& path, const PrivateFileRules& rules = {});

/// A new file of mode 0600 takes the old one's place at once, and is on the disk before this returns: a crash
/// leaves the one or the other. Its folder is made, of mode 0700, where the one around it is there. Fails
/// with configuration_invalid for an unsafe folder, not_found without one, else with unavailable.
Result<void> write_private_file(const std::string& path, std::string_view text);

/// Makes the folder and those around it; nobody else may look in. Fails with unavailable.
Result<void> make_private_folder(const std::string& folder);

/// Fails as write_private_file. No file is none removed.
Result<void> remove_private_file(const std::string& path);

/// What is unsafe in a file, or folder, of that owner and mode for a process of `user`; empty when nothing
/// is.
std::string_view unsafe_in_file(std::uint32_t owner, std::uint32_t mode, std::uint32_t user, bool is_secret);
std::string_view unsafe_in_folder(std::uint32_t owner, std::uint32_t mode, std::uint32_t user);

}  // namespace gatehouse
