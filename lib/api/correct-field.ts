/** What a caller of the API does about a field that is not valid. Apart from the schemas, because the command line loads it at its start. */
export const correctField = 'Correct the field and send the request again; GET /v1/openapi.json has the schema.';
