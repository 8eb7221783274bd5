import type { Language } from "../lib/language.ts";
import { formatMoney } from "../lib/money.ts";
import { housings, incomeSources } from "./form.ts";
import type { Application } from "./queries.ts";

type Labels = Record<string, string>;

/** What the pages of a patient's own application say, in the patient's language. */
type PatientWords = {
  title: string;
  lead: (practice: string) => string;
  groups: { you: string; home: string; contact: string; income: string; consent: string };
  labels: Labels;
  hints: Labels;
  choose: string;
  housings: Labels;
  incomeSources: Labels;
  rates: string;
  submit: string;
  again: string;
  /** What is wrong with a field, said to the patient. */
  errors: Labels;
  /** For an error that is about no field. */
  otherError: string;
  deciding: { heading: string; text: string; action: string };
  pending: { heading: string; silent: string; text: (phone: string, until: string | null) => string };
  offered: {
    heading: (limit: string) => string;
    lead: (until: string) => string;
    read: string;
    understood: string;
    missing: { read: string; understood: string };
    accept: string;
    refuse: string;
  };
  open: { heading: string; text: (last4: string, practice: string) => string };
  already: string;
  declined: { heading: string; text: (phone: string) => string };
  withdrawn: { heading: string; text: string };
  expired: { heading: string; text: string };
  noOffer: string;
  /** The agreement reads otherwise than what was on the page. */
  changed: string;
  refuse: { heading: string; text: string; action: string; back: string };
  /** About papers that come electronically (15 USC 7001(c)(1)). */
  electronic: string;
  agreed: (on: string) => string;
  other: string;
  /** Beside the choice of language on a form. */
  emptied: string;
};

const same = (names: readonly string[]): Labels => Object.fromEntries(names.map((name) => [name, name]));

export const wordsIn: Record<Language, PatientWords> = {
  en: {
    title: "Apply for a health credit account",
    lead: (practice) => `${practice} sent you this page. A decision comes in seconds, and only you see why.`,
    groups: { you: "You", home: "Home", contact: "How to reach you", income: "Income", consent: "Consent" },
    labels: {
      firstName: "First name",
      lastName: "Last name",
      dateOfBirth: "Date of birth",
      ssn: "Social Security number",
      street: "Street address",
      city: "City",
      state: "State",
      zip: "ZIP code",
      housing: "Housing",
      housingCost: "Monthly housing cost",
      mobile: "Mobile phone",
      email: "E-mail",
      income: "Annual income",
      incomeSource: "Income source",
    },
    hints: {
      ssn: "Nine digits. It goes to the credit bureau, and is not shown again.",
      ssnAgain: "Type the nine digits again: they are not kept on this page.",
      housingCost: "Rent or mortgage. Type 0 if there is none.",
      income: "Before tax, from all sources. Alimony and child support need not be told.",
    },
    choose: "Choose",
    housings: same(housings),
    incomeSources: same(incomeSources),
    rates: "Rates and fees",
    submit: "Submit application",
    again: "Sent once, even if the button is pressed twice.",
    errors: {
      firstName: "Enter your first name",
      lastName: "Enter your last name",
      dateOfBirth: "Enter your date of birth as MM/DD/YYYY; you have to be 18 or older",
      ssn: "Enter the nine digits of your own Social Security number",
      street: "Enter your street address",
      city: "Enter the city",
      state: "Choose the state",
      zip: "Enter a ZIP code of five digits",
      housing: "Choose how you live",
      housingCost: "Enter the monthly housing cost, or 0",
      mobile: "Enter a mobile phone number of ten digits",
      email: "Enter an e-mail address like name@example.com",
      income: "Enter your annual income",
      incomeSource: "Choose where your income comes from",
      consentBureau: "You have to agree to the credit report being asked for",
      consentElectronic: "You have to agree to receive everything by e-mail",
      consentTerms: "You have to have seen the rates and fees",
      form: "This link was used for another application already.",
    },
    otherError: "This could not be sent. Look at what is marked.",
    deciding: {
      heading: "Being decided",
      text: "We asked the credit bureau and wait for its answer. This page looks again by itself; you may also come back later by the same link.",
      action: "Look again",
    },
    pending: {
      heading: "One more step",
      silent: "We are still waiting",
      text: (phone, until) =>
        until
          ? `Before we can decide, we need to confirm who you are: your name, date of birth and address. Please call ${phone} by ${until}, with a government-issued photo ID at hand.`
          : `The credit bureau has not answered yet. You need not do anything: we go on asking, and write to you as soon as we know. Questions? Call ${phone}.`,
    },
    offered: {
      heading: (limit) => `You are approved for ${limit}`,
      lead: (until) => `Read the agreement below. Your account opens when you accept it, by ${until}.`,
      read: "I have read the agreement and accept it.",
      understood:
        "I understand that on a plan “no interest if paid in full”, interest from the purchase date is charged if anything is left when the period ends.",
      missing: {
        read: "Tick this once you have read the agreement",
        understood: "Tick this once you have read how deferred interest works",
      },
      accept: "Accept and open my account",
      refuse: "No, thank you",
    },
    open: {
      heading: "Your account is open",
      text: (last4, practice) =>
        `The account ends in ${last4}. ${practice} can see it already, and can charge your care to it.`,
    },
    already: "You had an account already. No second one was opened, and its limit and rate are unchanged.",
    declined: {
      heading: "We cannot approve this application",
      text: (phone) =>
        `We sent you a letter with the reasons by e-mail. Nobody else sees them, the practice neither. Questions? Call ${phone}.`,
    },
    withdrawn: {
      heading: "Withdrawn",
      text: "This application was taken back. No account was opened. You may apply again at any time: ask the practice for a new link.",
    },
    expired: {
      heading: "Expired",
      text: "This application was not completed in time. No account was opened. You may apply again at any time: ask the practice for a new link.",
    },
    noOffer: "This approval is no longer open. Nothing was changed.",
    changed: "The agreement has changed since you opened this page. Please read it again.",
    refuse: {
      heading: "Give the approval back?",
      text: "The application is then closed, and no account opens. It cannot be taken back; you may apply again at any time.",
      action: "Yes, I do not want the account",
      back: "Back to the agreement",
    },
    electronic:
      "Electronically means by e-mail or text message, with links to pages: for this you need a phone or computer with a browser and an e-mail address. It covers the agreement, disclosures, notices and statements of this account. You may have any of them on paper, free of charge, take this consent back, or change your address, at any time, by calling us. Taking it back does not close the account.",
    agreed: (on) => `You accepted this agreement on ${on}. We sent it to you by e-mail, to keep.`,
    other: "En español",
    emptied: "Choose before you begin: the form starts anew.",
  },
  es: {
    title: "Solicite una cuenta de crédito para la salud",
    lead: (practice) =>
      `${practice} le envió esta página. La decisión llega en segundos, y solo usted conoce los motivos.`,
    groups: {
      you: "Usted",
      home: "Vivienda",
      contact: "Cómo comunicarnos con usted",
      income: "Ingresos",
      consent: "Consentimiento",
    },
    labels: {
      firstName: "Nombre",
      lastName: "Apellido",
      dateOfBirth: "Fecha de nacimiento",
      ssn: "Número de Seguro Social",
      street: "Dirección",
      city: "Ciudad",
      state: "Estado",
      zip: "Código postal",
      housing: "Tipo de vivienda",
      housingCost: "Costo mensual de la vivienda",
      mobile: "Teléfono móvil",
      email: "Correo electrónico",
      income: "Ingreso anual",
      incomeSource: "Fuente de ingresos",
    },
    hints: {
      ssn: "Nueve dígitos. Se envía a la agencia de crédito y no se vuelve a mostrar.",
      ssnAgain: "Escriba de nuevo los nueve dígitos: no se guardan en esta página.",
      housingCost: "Alquiler o hipoteca. Escriba 0 si no tiene.",
      income: "Antes de impuestos, de todas las fuentes. No tiene que declarar pensión alimenticia ni manutención.",
    },
    choose: "Elija",
    housings: { Own: "Propia", Rent: "Alquilada", "Live with family": "Con la familia", Other: "Otra" },
    incomeSources: {
      Employment: "Empleo",
      "Self-employment": "Trabajo por cuenta propia",
      Retirement: "Jubilación",
      Benefits: "Beneficios públicos",
      Investments: "Inversiones",
      Other: "Otra",
    },
    rates: "Tasas y cargos",
    submit: "Enviar solicitud",
    again: "Se envía una sola vez, aunque presione el botón dos veces.",
    errors: {
      firstName: "Escriba su nombre",
      lastName: "Escriba su apellido",
      dateOfBirth: "Escriba su fecha de nacimiento (MM/DD/AAAA); debe tener 18 años o más",
      ssn: "Escriba los nueve dígitos de su propio número de Seguro Social",
      street: "Escriba su dirección",
      city: "Escriba la ciudad",
      state: "Elija el estado",
      zip: "Escriba un código postal de cinco dígitos",
      housing: "Elija su tipo de vivienda",
      housingCost: "Escriba el costo mensual de la vivienda, o 0",
      mobile: "Escriba un teléfono móvil de diez dígitos",
      email: "Escriba un correo electrónico como nombre@example.com",
      income: "Escriba su ingreso anual",
      incomeSource: "Elija de dónde provienen sus ingresos",
      consentBureau: "Debe aceptar que se solicite su informe de crédito",
      consentElectronic: "Debe aceptar recibir todo por correo electrónico",
      consentTerms: "Debe haber visto las tasas y los cargos",
      form: "Este enlace ya se usó para enviar otra solicitud.",
    },
    otherError: "No se pudo enviar. Revise lo marcado.",
    deciding: {
      heading: "En decisión",
      text: "Consultamos a la agencia de crédito y esperamos su respuesta. Esta página se actualiza sola; también puede volver más tarde con el mismo enlace.",
      action: "Ver de nuevo",
    },
    pending: {
      heading: "Un paso más",
      silent: "Seguimos esperando",
      text: (phone, until) =>
        until
          ? `Antes de decidir tenemos que saber quién es usted: su nombre, su fecha de nacimiento y su dirección. Llame al ${phone} a más tardar el ${until}, con una identificación oficial con foto a mano.`
          : `La agencia de crédito todavía no responde. No tiene que hacer nada: seguimos preguntando, y le escribiremos en cuanto lo sepamos. ¿Preguntas? Llame al ${phone}.`,
    },
    offered: {
      heading: (limit) => `Aprobado: ${limit}`,
      lead: (until) => `Lea el contrato. Su cuenta se abre cuando lo acepte, a más tardar el ${until}.`,
      read: "He leído el contrato y lo acepto.",
      understood:
        "Entiendo que en un plan “sin intereses si se paga en su totalidad” se cobran intereses desde la fecha de la compra si queda algo por pagar al terminar el plazo.",
      missing: {
        read: "Marque esta casilla después de leer el contrato",
        understood: "Marque esta casilla después de leer cómo funcionan los intereses diferidos",
      },
      accept: "Aceptar y abrir mi cuenta",
      refuse: "No, gracias",
    },
    open: {
      heading: "Su cuenta está abierta",
      text: (last4, practice) =>
        `La cuenta termina en ${last4}. ${practice} ya la ve, y puede cargar a ella su atención.`,
    },
    already: "Ya tenía una cuenta. No se abrió otra, y su límite y su tasa no cambian.",
    declined: {
      heading: "No podemos aprobar esta solicitud",
      text: (phone) =>
        `Le enviamos una carta con los motivos por correo electrónico. Nadie más los ve, tampoco el consultorio. ¿Preguntas? Llame al ${phone}.`,
    },
    withdrawn: {
      heading: "Retirada",
      text: "Esta solicitud se retiró. No se abrió ninguna cuenta. Puede volver a solicitar cuando quiera: pida un enlace nuevo al consultorio.",
    },
    expired: {
      heading: "Vencida",
      text: "Esta solicitud no se completó a tiempo. No se abrió ninguna cuenta. Puede volver a solicitar cuando quiera: pida un enlace nuevo al consultorio.",
    },
    noOffer: "Esta aprobación ya no está vigente. No se cambió nada.",
    changed: "El contrato cambió desde que abrió esta página. Léalo de nuevo, por favor.",
    refuse: {
      heading: "¿Renunciar a la aprobación?",
      text: "La solicitud se cierra y no se abre ninguna cuenta. No se puede deshacer; puede volver a solicitar cuando quiera.",
      action: "Sí, no quiero la cuenta",
      back: "Volver al contrato",
    },
    electronic:
      "Por medios electrónicos significa por correo electrónico o mensaje de texto, con enlaces a páginas: necesita un teléfono o una computadora con navegador y un correo electrónico. Abarca el contrato, las divulgaciones, los avisos y los estados de cuenta de esta cuenta. En cualquier momento puede llamarnos para recibirlos en papel sin costo, retirar este consentimiento o cambiar su dirección. Retirarlo no cierra la cuenta.",
    agreed: (on) => `Aceptó este contrato el ${on}. Se lo enviamos por correo electrónico, para que lo guarde.`,
    other: "In English",
    emptied: "Elija antes de comenzar: el formulario empieza de nuevo.",
  },
};

/** What a page says of an application first. */
export function headingOf(
  { state, limitCents, lapsesOn }: Pick<Application, "state" | "limitCents" | "lapsesOn">,
  words: PatientWords,
): string {
  if (state === "offered") return words.offered.heading(formatMoney(limitCents ?? 0));
  if (state === "pending" && !lapsesOn) return words.pending.silent;
  return words[state === "approved" ? "open" : state].heading;
}
