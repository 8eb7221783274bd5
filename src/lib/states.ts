/** The states and territories that an address may be in, by postal code. */
export const states = (
  "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR " +
  "RI SC SD TN TX UT VT VA VI WA WV WI WY"
).split(" ");
