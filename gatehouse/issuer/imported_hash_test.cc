// Hashes that other programs have made of "Correct horse 7!" unless a row says otherwise: PasswordHasher<T>
// of ASP.NET Core 10 (Identity…), hashlib of Python 3.11 (pbkdf2 and scrypt, their octets put in the
// containers by hand), htpasswd of Apache 2.4 (bcrypt; "$2b$" and "$2a$" are its "$2y$" by another name).

#include "gatehouse/issuer/imported_hash.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse::issuer {
namespace {

using std::string_view_literals::operator""sv;

struct Imported {
  const char* name;
  std::string hash;
  std::string_view password = "Correct horse 7!";
};

const std::string bcrypt_of_76 = "$2y$04$MBmKvNn6Em1UH70QDICiXO5dpKkQdrqMBD.9o35HNkH6b4k6lzs7G";
const std::string crypt_scrypt = "$7$96..../....abcdefghijklmnop$F8QnARrFM.3sn9pb0tTTmRFo3lb4pdxnQzzpAV/OV8/";
const std::string phc_scrypt =
    "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$eCU4pCCb1iCfQ+/aDN48BCRSRvEPSJYUWrxtObFsUBg";
const std::string seventy_two(72, 'x');
const std::string seventy_six = seventy_two + "tail";

const Imported imported[] = {
    {"Pbkdf2OfSha512",
     "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg+4Aj9b9dHW5BEgV8TPGGEzJq5+faLx78dDG1DKMDUKRg=="},
    {"Pbkdf2OfSha256",
     "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg89IgbWDZwaP3SxUKMrkHEQN9uSNS35KMejxPf3nfkWXQ=="},
    {"Pbkdf2OfSha1", "AQAAAAAAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg9YD5PNcDJnCakRBCUDqlWlJnASUERA0NgWFPaLynqJfA=="},
    {"Pbkdf2OfAPasswordWithNul",
     "AQAAAAEAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg+7ns/OIAq50vNyuowDkQKH367DEWtzjqAZ8CAEPlcJfw==",
     "secret\0other"sv},
    {"Pbkdf2OfVersion2", "AAABAgMEBQYHCAkKCwwNDg9YD5PNcDJnCakRBCUDqlWlJnASUERA0NgWFPaLynqJfA=="},
    {"Identity3", "AQAAAAIAAYagAAAAECtP48ex1MyIWP0WLf2cRgsr++tNjibNPk2HNN8mkHpUmFOkKrKi2i1isZeiCCg0Dg=="},
    {"Identity3OfDecomposedLetters",
     "AQAAAAIAAYagAAAAEIcQK/bAECwDT8b+5keQSBn2nSXYT1H0hPaspIi0ZKhSdFHaRonRxA3pC6oowqWflA==",
     "pa\u0301ssword \u20ac"},
    {"Identity2", "AJL5lykfJ5p0jHJNmvDaR90s16zx+BIIKsYOe3m2qDi0Z/Un2UYssH8aCjMeMfH+tA=="},
    {"Identity2OfDecomposedLetters",
     "ANw4JOGONlAZT+Oay46yLtHv3RGFVBsM+wbTmqOwksMuZC8FApcEuhdZCf//L9xuzg==", "pa\u0301ssword \u20ac"},
    {"Bcrypt2y", "$2y$05$L6YjAGffzdrRNUxKFicoJe8UhcybjSk1yIJDXd6eaEO8xTgrW59vW"},
    {"Bcrypt2b", "$2b$05$L6YjAGffzdrRNUxKFicoJe8UhcybjSk1yIJDXd6eaEO8xTgrW59vW"},
    {"Bcrypt2a", "$2a$05$L6YjAGffzdrRNUxKFicoJe8UhcybjSk1yIJDXd6eaEO8xTgrW59vW"},
    {"BcryptOfMoreThanItLooksAt", bcrypt_of_76, seventy_six},
    {"ScryptOfPhc", phc_scrypt},
    {"ScryptOfCrypt", crypt_scrypt},
};

class ImportedHash : public testing::TestWithParam<Imported> {};

TEST_P(ImportedHash, KnowsItsPasswordAndNoOther) {
  const auto& [name, hash, password] = GetParam();
  EXPECT_EQ(verify_imported(password, hash), true);
  EXPECT_EQ(verify_imported("correct horse 7!", hash), false);
  EXPECT_EQ(verify_imported("", hash), false);
}

INSTANTIATE_TEST_SUITE_P(Hashes, ImportedHash, testing::ValuesIn(imported),
                         [](const auto& test) { return test.param.name; });

// Nothing that a C string would not tell apart.
TEST(Bcrypt, KnowsNoPasswordThatGoesOnBehindNul) {
  const std::string of_secret = "$2y$04$bNT2zcA5TGrMJG/KCcbcFeU9e1FVz0jxmNOaJv8ArQkP1gqzB4Goq";
  EXPECT_EQ(verify_imported("secret", of_secret), true);
  EXPECT_EQ(verify_imported("secret\0other"sv, of_secret), false);
}

// What bcrypt itself cannot tell apart.
TEST(Bcrypt, LooksAtSeventyTwoOctets) { EXPECT_EQ(verify_imported(seventy_two, bcrypt_of_76), true); }

std::string bcrypt_of_cost(std::string_view cost) {
  return "$2y$" + std::string(cost) + bcrypt_of_76.substr(6);
}
std::string phc_scrypt_of(std::string_view parameters) {
  return "$scrypt$" + std::string(parameters) + phc_scrypt.substr(phc_scrypt.find("$AAE"));
}
std::string crypt_scrypt_of(std::string_view parameters) {
  return "$7$" + std::string(parameters) + crypt_scrypt.substr(14);
}

struct Spoiled {
  const char* name;
  std::string hash;
};

// A row that was spoiled, or written by somebody who wants our memory or time.
const Spoiled spoiled[] = {
    {"Nothing", ""},
    {"APassword", "hunter2"},
    {"IdentityBeyondItsRounds",
     "AQAAAAEAHoSBAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
    {"IdentityOfNoRounds",
     "AQAAAAEAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
    {"IdentityOfAnotherFunction",
     "AQAAAAMAAAPoAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
    {"IdentityOfAHugeSalt",
     "AQAAAAEAAAPo/////wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="},
    {"IdentityOfALongKey", "AQAAAAEAAAPoAAAAEA" + std::string(108, 'A')},
    {"IdentityOfAShortKey", "AQAAAAEAAAPoAAAAEA" + std::string(41, 'A')},
    {"IdentityCutOff", "AQAAAAIAAYag"},
    {"BcryptOfCost15", bcrypt_of_cost("15")},
    {"BcryptOfCost31", bcrypt_of_cost("31")},
    {"BcryptOfCost3", bcrypt_of_cost("03")},
    {"BcryptOfNoCost", bcrypt_of_cost("0x")},
    {"BcryptCutOff", bcrypt_of_76.substr(0, 59)},
    {"BcryptOfAnotherKind", "$2x$" + bcrypt_of_76.substr(4)},
    {"ScryptBeyondItsMemory", phc_scrypt_of("ln=19,r=8,p=1")},
    {"ScryptBeyondItsTime", phc_scrypt_of("ln=14,r=8,p=64")},
    {"ScryptOfNoN", phc_scrypt_of("ln=0,r=8,p=1")},
    {"ScryptOfManyR", phc_scrypt_of("ln=1,r=4294967295,p=1")},
    {"ScryptOfNumbersInAnotherSpelling", phc_scrypt_of("ln=014,r=8,p=1")},
    {"ScryptWithMoreBehind", phc_scrypt_of("ln=14,r=8,p=1,x=1")},
    {"ScryptOfNoKey", phc_scrypt.substr(0, phc_scrypt.rfind('$') + 1)},
    {"CryptScryptBeyondItsMemory", crypt_scrypt_of("H6..../....")},
    {"CryptScryptBeyondItsTime", crypt_scrypt_of("C6....z....")},
    {"CryptScryptOfManyR", crypt_scrypt_of("9zzzzz/....")},
    {"CryptScryptOfNoDigits", crypt_scrypt_of("9!..../....")},
    {"CryptScryptCutOff", crypt_scrypt.substr(0, 40)},
    {"AnotherCrypt", "$6$abcdefgh$" + std::string(86, 'a')},
    {"DesCrypt", "abJnggxhB/yWI"},
    {"Endless", "$scrypt$" + std::string(100'000, 'a')},
};

class SpoiledHash : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledHash, IsRefusedBeforeAnyWorkIsDone) {
  const auto verified = verify_imported("Correct horse 7!", GetParam().hash);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error(), (Error{Failure::malformed, "password hash"}));
}

INSTANTIATE_TEST_SUITE_P(Hashes, SpoiledHash, testing::ValuesIn(spoiled),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace gatehouse::issuer
