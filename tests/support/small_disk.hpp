// Real small file systems: a tmpfs of a few hundred kilobytes. Needs root; says loudly when it cannot be had.
#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "support/temporary_directory.hpp"

namespace rbamp::support {

class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    is_mounted_ = ::mount("rbampd-test", folder_.path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    if (!is_mounted_) {
      std::cerr << "\n*** SKIPPED: a small file system cannot be mounted (" << std::generic_category().message(errno)
                << "): run as root ***\n\n";
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] std::string file(const char* name) const { return folder_.file(name); }
  bool remount(const char* options, unsigned long flags = 0) const {
    return ::mount("rbampd-test", folder_.path().c_str(), "tmpfs", MS_REMOUNT | flags, options) == 0;
  }
  void fill() const {
    std::ofstream file{folder_.file("filler"), std::ios::binary};
    const std::string block(512, 'f');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void free() const { std::filesystem::remove(folder_.file("filler")); }

 private:
  TemporaryDirectory folder_;
  bool is_mounted_ = false;
};

}  // namespace rbamp::support
