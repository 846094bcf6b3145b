// The operations of an account: devices, messages, contacts, invitations, presence.
//
// In come the generated schemas; out goes one typed table. Invariant: numbers and paths are those of the server's own
// table (wire/src/operation.rs).
import * as schema from '../generated/belfry/v1/belfry_pb';
import { operation } from './operations';

/** What the server tells by itself. */
export const NOTIFY = 25;
export const TYPING_UPDATE = 75;
export const PRESENCE_UPDATE = 127;

export const LOGOUT = operation(
  13,
  '/v1/session/logout',
  schema.LogoutRequestSchema,
  schema.LogoutReplySchema,
);
export const TOKEN = operation(14, '/v1/session/token', schema.TokenRequestSchema, schema.TokenReplySchema);
export const ADD_DEVICE = operation(
  15,
  '/v1/session/add-device',
  schema.AddDeviceRequestSchema,
  schema.CredentialsSchema,
);
export const SEND = operation(20, '/v1/message/send', schema.SendRequestSchema, schema.SendReplySchema);
export const SYNC = operation(21, '/v1/message/sync', schema.SyncRequestSchema, schema.SyncReplySchema);
export const ACK = operation(22, '/v1/message/ack', schema.AckRequestSchema, schema.AckReplySchema);
export const MARK_READ = operation(
  23,
  '/v1/message/mark-read',
  schema.MarkReadRequestSchema,
  schema.MarkReadReplySchema,
);
export const HISTORY = operation(
  24,
  '/v1/message/history',
  schema.HistoryRequestSchema,
  schema.HistoryReplySchema,
);
export const GET_PROFILE = operation(
  31,
  '/v1/account/get-profile',
  schema.GetProfileRequestSchema,
  schema.GetProfileReplySchema,
);
export const SET_PROFILE = operation(
  32,
  '/v1/account/set-profile',
  schema.SetProfileRequestSchema,
  schema.SetProfileReplySchema,
);
export const REPORT_ACTIVITY = operation(
  60,
  '/v1/activity/report',
  schema.ReportActivityRequestSchema,
  schema.ReportActivityReplySchema,
);
export const SET_CONVERSATION = operation(
  72,
  '/v1/conversation/set',
  schema.SetConversationRequestSchema,
  schema.SetConversationReplySchema,
);
export const TYPING = operation(
  74,
  '/v1/conversation/typing',
  schema.TypingRequestSchema,
  schema.TypingReplySchema,
);
export const SET_PRIVACY = operation(
  86,
  '/v1/account/set-privacy',
  schema.SetPrivacyRequestSchema,
  schema.SetPrivacyReplySchema,
);
export const GET_PRIVACY = operation(
  87,
  '/v1/account/get-privacy',
  schema.GetPrivacyRequestSchema,
  schema.GetPrivacyReplySchema,
);
export const REQUEST_CONTACT = operation(
  100,
  '/v1/contact/request',
  schema.RequestContactRequestSchema,
  schema.ContactReplySchema,
);
export const ACCEPT_CONTACT = operation(
  101,
  '/v1/contact/accept',
  schema.AcceptContactRequestSchema,
  schema.ContactReplySchema,
);
export const REFUSE_CONTACT = operation(
  102,
  '/v1/contact/refuse',
  schema.RefuseContactRequestSchema,
  schema.ContactReplySchema,
);
export const WITHDRAW_CONTACT = operation(
  103,
  '/v1/contact/withdraw',
  schema.WithdrawContactRequestSchema,
  schema.ContactReplySchema,
);
export const REMOVE_CONTACT = operation(
  104,
  '/v1/contact/remove',
  schema.RemoveContactRequestSchema,
  schema.ContactReplySchema,
);
export const SET_CONTACT = operation(
  105,
  '/v1/contact/set',
  schema.SetContactRequestSchema,
  schema.ContactReplySchema,
);
export const LIST_CONTACTS = operation(
  106,
  '/v1/contact/list',
  schema.ListContactsRequestSchema,
  schema.ListContactsReplySchema,
);
export const BLOCK = operation(
  107,
  '/v1/contact/block',
  schema.BlockRequestSchema,
  schema.ContactReplySchema,
);
export const UNBLOCK = operation(
  108,
  '/v1/contact/unblock',
  schema.UnblockRequestSchema,
  schema.ContactReplySchema,
);
export const FIND = operation(109, '/v1/contact/find', schema.FindRequestSchema, schema.FindReplySchema);
export const CREATE_INVITE = operation(
  115,
  '/v1/invite/create',
  schema.CreateInviteRequestSchema,
  schema.CreateInviteReplySchema,
);
export const LOOK_AT_INVITE = operation(
  118,
  '/v1/invite/look-at',
  schema.LookAtInviteRequestSchema,
  schema.LookAtInviteReplySchema,
);
export const ACCEPT_INVITE = operation(
  119,
  '/v1/invite/accept',
  schema.AcceptInviteRequestSchema,
  schema.ContactReplySchema,
);
export const SIGN_UP = operation(
  120,
  '/v1/register/sign-up',
  schema.SignUpRequestSchema,
  schema.CredentialsSchema,
);
export const GET_PICTURE = operation(
  121,
  '/v1/account/get-picture',
  schema.GetPictureRequestSchema,
  schema.GetPictureReplySchema,
);
export const SET_PRESENCE = operation(
  125,
  '/v1/presence/set',
  schema.SetPresenceRequestSchema,
  schema.SetPresenceReplySchema,
);
export const WATCH = operation(126, '/v1/presence/watch', schema.WatchRequestSchema, schema.WatchReplySchema);
