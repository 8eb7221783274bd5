/** The reasons of the model form of Regulation B (12 CFR part 1002, appendix C, form C-1) and the portal's own, in Spanish. */
const spanish: Record<string, string> = {
  "Credit application incomplete": "La solicitud de crédito está incompleta",
  "Insufficient number of credit references provided": "No se dieron suficientes referencias de crédito",
  "Unable to verify credit references": "No se pudieron verificar las referencias de crédito",
  "Temporary or irregular employment": "Empleo temporal o irregular",
  "Unable to verify employment": "No se pudo verificar el empleo",
  "Length of employment": "Tiempo en el empleo",
  "Income insufficient for amount of credit requested": "Ingresos insuficientes para el crédito solicitado",
  "Excessive obligations in relation to income": "Obligaciones excesivas en relación con los ingresos",
  "Unable to verify income": "No se pudieron verificar los ingresos",
  "Length of residence": "Tiempo en la vivienda",
  "Temporary residence": "Vivienda temporal",
  "Unable to verify residence": "No se pudo verificar la vivienda",
  "No credit file": "No hay historial de crédito",
  "Limited credit experience": "Poca experiencia de crédito",
  "Length of credit history": "Duración del historial de crédito",
  "Poor credit performance with us": "Mal cumplimiento de créditos con nosotros",
  "Delinquent past or present credit obligations with others":
    "Obligaciones de crédito atrasadas, pasadas o presentes, con otros",
  "Collection action or judgment": "Acción de cobro o sentencia",
  "Garnishment or attachment": "Embargo de salario o de bienes",
  "Foreclosure or repossession": "Ejecución hipotecaria o recuperación de un bien",
  Bankruptcy: "Bancarrota",
  "Number of recent inquiries on credit bureau report": "Número de consultas recientes en el informe de crédito",
  "Number of established accounts": "Número de cuentas establecidas",
  "Proportion of balances to credit limits is too high":
    "La proporción de los saldos a los límites de crédito es demasiado alta",
  "Unable to verify identity": "No se pudo verificar la identidad",
  "Unable to obtain a credit report": "No se pudo obtener un informe de crédito",
};

/** A reason as a patient reads it who is written to in Spanish; one that is not known stays as the bureau worded it. */
export const inSpanish = (reason: string): string => spanish[reason] ?? reason;
