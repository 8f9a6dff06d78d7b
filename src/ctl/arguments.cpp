#include "ctl/arguments.hpp"

#include <CLI/CLI.hpp>

namespace rbamp::ctl {

Argument& Argument::required() {
  option_->required();
  return *this;
}

Argument& Argument::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Argument& Argument::excludes(const Argument& other) {
  option_->excludes(other.option_);
  return *this;
}

Argument& Argument::one_of(const std::vector<std::string>& choices) {
  option_->check(CLI::IsMember(choices));
  return *this;
}

Argument& Argument::not_below_zero() {
  option_->check([](const std::string& word) { return word.starts_with('-') ? word + " is less than 0" : std::string{}; });
  return *this;
}

Argument& Argument::above_zero() {
  option_->check([](const std::string& word) {
    const bool is_zero = word.find_first_not_of("+0xX") == std::string::npos;
    return word.starts_with('-') || is_zero ? word + " is not above 0" : std::string{};
  });
  return *this;
}

Argument& Argument::one_each_time() {
  option_->expected(1)->take_all();
  return *this;
}

Argument Arguments::add_option(const std::string& name, std::string& value, const std::string& help) {
  return Argument{*command_->add_option(name, value, help)};
}
Argument Arguments::add_option(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  return Argument{*command_->add_option(name, values, help)};
}
Argument Arguments::add_option(const std::string& name, int& value, const std::string& help) {
  return Argument{*command_->add_option(name, value, help)};
}
Argument Arguments::add_option(const std::string& name, unsigned& value, const std::string& help) {
  return Argument{*command_->add_option(name, value, help)};
}
Argument Arguments::add_option(const std::string& name, std::int64_t& value, const std::string& help) {
  return Argument{*command_->add_option(name, value, help)};
}
Argument Arguments::add_option(const std::string& name, double& value, const std::string& help) {
  return Argument{*command_->add_option(name, value, help)};
}
Argument Arguments::add_flag(const std::string& name, bool& value, const std::string& help) {
  return Argument{*command_->add_flag(name, value, help)};
}

}  // namespace rbamp::ctl
