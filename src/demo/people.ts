import { planIds } from "../credit/plans.ts";
import type { Role } from "../identity/permissions.ts";

/** The password of every demo person. */
export const password = "orchard-lantern-2026";

export const demoPractices = [
  {
    key: "riverside",
    name: "Riverside Dental",
    specialty: "Dentistry",
    state: "TX",
    timeZone: "America/Chicago",
    phone: "5125550130",
    locations: [
      {
        name: "Riverside Dental Downtown",
        street: "410 Congress Ave",
        city: "Austin",
        state: "TX",
        zip: "78701",
        phone: "5125550130",
      },
      {
        name: "Riverside Dental South",
        street: "2200 S Lamar Blvd",
        city: "Austin",
        state: "TX",
        zip: "78704",
        phone: "5125550131",
      },
    ],
    plans: planIds,
  },
  {
    key: "lakeside",
    name: "Lakeside Veterinary",
    specialty: "Veterinary care",
    state: "CA",
    timeZone: "America/Los_Angeles",
    phone: "9165550140",
    locations: [
      {
        name: "Lakeside Veterinary",
        street: "88 Garden Hwy",
        city: "Sacramento",
        state: "CA",
        zip: "95833",
        phone: "9165550140",
      },
    ],
    plans: ["standard", "fixed-24", "fixed-36", "convert-12"],
  },
  {
    key: "hudson",
    name: "Hudson Dermatology",
    specialty: "Dermatology",
    state: "NY",
    timeZone: "America/New_York",
    phone: "2125550150",
    locations: [
      {
        name: "Hudson Dermatology",
        street: "75 Varick St",
        city: "New York",
        state: "NY",
        zip: "10013",
        phone: "2125550150",
      },
    ],
    plans: ["standard", "deferred-6", "deferred-12", "fixed-24"],
  },
] as const;

type DemoPerson = {
  userId: string;
  name: string;
  role: Role;
  practice: string | null;
  phone: string;
  who: string;
  factor?: "email" | "sms" | "totp";
};

export const demoPeople: DemoPerson[] = [
  {
    userId: "riverside.owner",
    name: "Ruth Okafor",
    role: "owner",
    practice: "riverside",
    phone: "2025550111",
    who: "owner of Riverside Dental, Austin TX",
    factor: "email",
  },
  {
    userId: "riverside.desk",
    name: "Dana Whitley",
    role: "clerk",
    practice: "riverside",
    phone: "2025550112",
    who: "front desk there",
  },
  {
    userId: "riverside.billing",
    name: "Ben Castellano",
    role: "biller",
    practice: "riverside",
    phone: "2025550113",
    who: "biller there",
    factor: "totp",
  },
  {
    userId: "lakeside.owner",
    name: "Lena Park",
    role: "owner",
    practice: "lakeside",
    phone: "2025550114",
    who: "owner of Lakeside Veterinary, Sacramento CA",
  },
  {
    userId: "hudson.owner",
    name: "Omar Haddad",
    role: "owner",
    practice: "hudson",
    phone: "2025550115",
    who: "owner of Hudson Dermatology, New York NY",
    factor: "sms",
  },
  {
    userId: "support.sam",
    name: "Sam Ortega",
    role: "support",
    practice: null,
    phone: "2025550116",
    who: "support agent of the program",
    factor: "email",
  },
  {
    userId: "admin.ada",
    name: "Ada Brandt",
    role: "administrator",
    practice: null,
    phone: "2025550117",
    who: "administrator of the program",
    factor: "email",
  },
];

/** The secret of riverside.billing's authenticator app, in Base32. */
export const totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
