/** A person's account once it is there: what its owner sees and changes, and its closing by the platform. */
export { toViewer, Viewer } from './viewer.type';
