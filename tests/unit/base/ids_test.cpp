#include "base/ids.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

namespace rbamp {
namespace {

TEST_CASE("an address is shown in hexadecimal with two digits") {
  CHECK(to_string(I2cAddress{0x50}) == "0x50");
  CHECK(to_string(I2cAddress{0x08}) == "0x08");
  CHECK(to_string(general_call) == "0x00");
}

TEST_CASE("modules live from 0x08 to 0x77") {
  CHECK_FALSE(I2cAddress{0x07}.is_module_address());
  CHECK(I2cAddress{0x08}.is_module_address());
  CHECK(I2cAddress{0x77}.is_module_address());
  CHECK_FALSE(I2cAddress{0x78}.is_module_address());
  CHECK_FALSE(general_call.is_module_address());
}

TEST_CASE("a UID is read and shown in register order") {
  const auto uid = ModuleUid::parse("00112233445566778899AAbb");
  REQUIRE(uid);
  CHECK(uid->bytes().front() == 0x00);
  CHECK(uid->bytes()[1] == 0x11);
  CHECK(uid->bytes().back() == 0xBB);
  CHECK(to_string(*uid) == "00112233445566778899aabb");
  CHECK(ModuleUid::parse(to_string(*uid)) == uid);
}

TEST_CASE("nothing but 24 hex digits is a UID") {
  for (const auto* text : {"", "00", "00112233445566778899aab", "00112233445566778899aabbc", "00112233445566778899aabg",
                           "0x112233445566778899aabb", " 0112233445566778899aabb", "00-11-22-33-44-55-66-77-8"}) {
    INFO(text);
    CHECK_FALSE(ModuleUid::parse(text).has_value());
  }
}

TEST_CASE("a module that nobody configured is called by the end of its UID") {
  CHECK(default_module_id(*ModuleUid::parse("00112233445566778899AABB")) == "m8899aabb");
}

TEST_CASE("a boot id is read with or without dashes") {
  const auto id = BootId::parse("b5c7e7a0-7d0f-4b6e-9f4e-0123456789ab");
  REQUIRE(id);
  CHECK(id->is_known());
  CHECK(id->bytes().front() == 0xB5);
  CHECK(id->bytes().back() == 0xAB);
  CHECK(BootId::parse("b5c7e7a07d0f4b6e9f4e0123456789ab") == id);
  CHECK_FALSE(BootId::parse("").has_value());
  CHECK_FALSE(BootId::parse("b5c7e7a07d0f4b6e9f4e0123456789a").has_value());
  CHECK_FALSE(BootId::parse("b5c7e7a07d0f4b6e9f4e0123456789abc").has_value());
  CHECK_FALSE(BootId::parse("b5c7e7a07d0f4b6e9f4e0123456789ag").has_value());
}

TEST_CASE("the kernel tells one boot id for the whole boot") {
  const auto id = BootId::of_host();
  CHECK(id.is_known());
  CHECK(BootId::of_host() == id);
  CHECK_FALSE(BootId{}.is_known());
}

TEST_CASE("errors compare by code, and their words name them") {
  const Error error{Errc::bus_nack, Remedy::retry, "no acknowledge"};
  CHECK(error.is(Errc::bus_nack));
  CHECK_FALSE(error.is(Errc::bus_timeout));
  CHECK(error.code.message() == "bus_nack");
  CHECK(error.code.category().name() == std::string{"rbamp"});
  CHECK(std::error_code{Errc::ledger_full} == make_error_code(Errc::ledger_full));
  CHECK_FALSE(Error{}.is(Errc::bus_nack));
}

TEST_CASE("every error and remedy has a word of its own") {
  for (int code = static_cast<int>(Errc::bus_nack); code <= static_cast<int>(Errc::daemon_busy); ++code) {
    CHECK(to_string(static_cast<Errc>(code)) != "unknown");
  }
  CHECK(to_string(static_cast<Errc>(static_cast<int>(Errc::daemon_busy) + 1)) == "unknown");
  CHECK(to_string(Remedy::retry) == "retry");
  CHECK(to_string(Remedy::give_up) == "give_up");
}

}  // namespace
}  // namespace rbamp
