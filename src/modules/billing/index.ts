/** What paid calls cost. */
export { Invoice } from './invoice.type';
