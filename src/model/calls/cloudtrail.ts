// Written by tools/model.ts from ../data/cloudtrail.json. Times are milliseconds since the epoch.

export interface AddTagsRequest {
  readonly ResourceId: string
  readonly TagsList: readonly Tag[]
}

export type AddTagsResponse = Readonly<Record<string, never>>

export interface AdvancedEventSelector {
  readonly Name?: string | undefined
  readonly FieldSelectors: readonly AdvancedFieldSelector[]
}

export interface AdvancedFieldSelector {
  readonly Field: string
  readonly Equals?: readonly string[] | undefined
  readonly StartsWith?: readonly string[] | undefined
  readonly EndsWith?: readonly string[] | undefined
  readonly NotEquals?: readonly string[] | undefined
  readonly NotStartsWith?: readonly string[] | undefined
  readonly NotEndsWith?: readonly string[] | undefined
}

export interface AggregationConfiguration {
  readonly Templates: readonly Template[]
  readonly EventCategory: EventCategoryAggregation
}

export type BillingMode = 'EXTENDABLE_RETENTION_PRICING' | 'FIXED_RETENTION_PRICING'

export interface CancelQueryRequest {
  readonly EventDataStore?: string | undefined
  readonly QueryId: string
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface CancelQueryResponse {
  readonly QueryId: string
  readonly QueryStatus: QueryStatus
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface Channel {
  readonly ChannelArn?: string | undefined
  readonly Name?: string | undefined
}

export interface ContextKeySelector {
  readonly Type: Type
  readonly Equals: readonly string[]
}

export interface CreateChannelRequest {
  readonly Name: string
  readonly Source: string
  readonly Destinations: readonly Destination[]
  readonly Tags?: readonly Tag[] | undefined
}

export interface CreateChannelResponse {
  readonly ChannelArn?: string | undefined
  readonly Name?: string | undefined
  readonly Source?: string | undefined
  readonly Destinations?: readonly Destination[] | undefined
  readonly Tags?: readonly Tag[] | undefined
}

export interface CreateDashboardRequest {
  readonly Name: string
  readonly RefreshSchedule?: RefreshSchedule | undefined
  readonly TagsList?: readonly Tag[] | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly Widgets?: readonly RequestWidget[] | undefined
}

export interface CreateDashboardResponse {
  readonly DashboardArn?: string | undefined
  readonly Name?: string | undefined
  readonly Type?: DashboardType | undefined
  readonly Widgets?: readonly Widget[] | undefined
  readonly TagsList?: readonly Tag[] | undefined
  readonly RefreshSchedule?: RefreshSchedule | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
}

export interface CreateEventDataStoreRequest {
  readonly Name: string
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly TagsList?: readonly Tag[] | undefined
  readonly KmsKeyId?: string | undefined
  readonly StartIngestion?: boolean | undefined
  readonly BillingMode?: BillingMode | undefined
}

export interface CreateEventDataStoreResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly Name?: string | undefined
  readonly Status?: EventDataStoreStatus | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly TagsList?: readonly Tag[] | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly KmsKeyId?: string | undefined
  readonly BillingMode?: BillingMode | undefined
}

export interface CreateTrailRequest {
  readonly Name: string
  readonly S3BucketName: string
  readonly S3KeyPrefix?: string | undefined
  readonly SnsTopicName?: string | undefined
  readonly IncludeGlobalServiceEvents?: boolean | undefined
  readonly IsMultiRegionTrail?: boolean | undefined
  readonly EnableLogFileValidation?: boolean | undefined
  readonly CloudWatchLogsLogGroupArn?: string | undefined
  readonly CloudWatchLogsRoleArn?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly IsOrganizationTrail?: boolean | undefined
  readonly TagsList?: readonly Tag[] | undefined
}

export interface CreateTrailResponse {
  readonly Name?: string | undefined
  readonly S3BucketName?: string | undefined
  readonly S3KeyPrefix?: string | undefined
  readonly SnsTopicName?: string | undefined
  readonly SnsTopicARN?: string | undefined
  readonly IncludeGlobalServiceEvents?: boolean | undefined
  readonly IsMultiRegionTrail?: boolean | undefined
  readonly TrailARN?: string | undefined
  readonly LogFileValidationEnabled?: boolean | undefined
  readonly CloudWatchLogsLogGroupArn?: string | undefined
  readonly CloudWatchLogsRoleArn?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly IsOrganizationTrail?: boolean | undefined
}

export interface DashboardDetail {
  readonly DashboardArn?: string | undefined
  readonly Type?: DashboardType | undefined
}

export type DashboardStatus = 'CREATING' | 'CREATED' | 'UPDATING' | 'UPDATED' | 'DELETING'

export type DashboardType = 'MANAGED' | 'CUSTOM'

export interface DataResource {
  readonly Type?: string | undefined
  readonly Values?: readonly string[] | undefined
}

export interface DeleteChannelRequest {
  readonly Channel: string
}

export type DeleteChannelResponse = Readonly<Record<string, never>>

export interface DeleteDashboardRequest {
  readonly DashboardId: string
}

export type DeleteDashboardResponse = Readonly<Record<string, never>>

export interface DeleteEventDataStoreRequest {
  readonly EventDataStore: string
}

export type DeleteEventDataStoreResponse = Readonly<Record<string, never>>

export interface DeleteResourcePolicyRequest {
  readonly ResourceArn: string
}

export type DeleteResourcePolicyResponse = Readonly<Record<string, never>>

export interface DeleteTrailRequest {
  readonly Name: string
}

export type DeleteTrailResponse = Readonly<Record<string, never>>

export type DeliveryStatus = 'SUCCESS' | 'FAILED' | 'FAILED_SIGNING_FILE' | 'PENDING' | 'RESOURCE_NOT_FOUND' | 'ACCESS_DENIED' | 'ACCESS_DENIED_SIGNING_FILE' | 'CANCELLED' | 'UNKNOWN'

export interface DeregisterOrganizationDelegatedAdminRequest {
  readonly DelegatedAdminAccountId: string
}

export type DeregisterOrganizationDelegatedAdminResponse = Readonly<Record<string, never>>

export interface DescribeQueryRequest {
  readonly EventDataStore?: string | undefined
  readonly QueryId?: string | undefined
  readonly QueryAlias?: string | undefined
  readonly RefreshId?: string | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface DescribeQueryResponse {
  readonly QueryId?: string | undefined
  readonly QueryString?: string | undefined
  readonly QueryStatus?: QueryStatus | undefined
  readonly QueryStatistics?: QueryStatisticsForDescribeQuery | undefined
  readonly ErrorMessage?: string | undefined
  readonly DeliveryS3Uri?: string | undefined
  readonly DeliveryStatus?: DeliveryStatus | undefined
  readonly Prompt?: string | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface DescribeTrailsRequest {
  readonly trailNameList?: readonly string[] | undefined
  readonly includeShadowTrails?: boolean | undefined
}

export interface DescribeTrailsResponse {
  readonly trailList?: readonly Trail[] | undefined
}

export interface Destination {
  readonly Type: DestinationType
  readonly Location: string
}

export type DestinationType = 'EVENT_DATA_STORE' | 'AWS_SERVICE'

export interface DisableFederationRequest {
  readonly EventDataStore: string
}

export interface DisableFederationResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly FederationStatus?: FederationStatus | undefined
}

export interface EnableFederationRequest {
  readonly EventDataStore: string
  readonly FederationRoleArn: string
}

export interface EnableFederationResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly FederationStatus?: FederationStatus | undefined
  readonly FederationRoleArn?: string | undefined
}

export interface Event {
  readonly EventId?: string | undefined
  readonly EventName?: string | undefined
  readonly ReadOnly?: string | undefined
  readonly AccessKeyId?: string | undefined
  readonly EventTime?: number | undefined
  readonly EventSource?: string | undefined
  readonly Username?: string | undefined
  readonly Resources?: readonly Resource[] | undefined
  readonly CloudTrailEvent?: string | undefined
}

export type EventCategory = 'insight'

export type EventCategoryAggregation = 'Data'

export interface EventDataStore {
  readonly EventDataStoreArn?: string | undefined
  readonly Name?: string | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly Status?: EventDataStoreStatus | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
}

export type EventDataStoreStatus = 'CREATED' | 'ENABLED' | 'PENDING_DELETION' | 'STARTING_INGESTION' | 'STOPPING_INGESTION' | 'STOPPED_INGESTION'

export interface EventSelector {
  readonly ReadWriteType?: ReadWriteType | undefined
  readonly IncludeManagementEvents?: boolean | undefined
  readonly DataResources?: readonly DataResource[] | undefined
  readonly ExcludeManagementEventSources?: readonly string[] | undefined
}

export type FederationStatus = 'ENABLING' | 'ENABLED' | 'DISABLING' | 'DISABLED'

export interface GenerateQueryRequest {
  readonly EventDataStores: readonly string[]
  readonly Prompt: string
}

export interface GenerateQueryResponse {
  readonly QueryStatement?: string | undefined
  readonly QueryAlias?: string | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface GetChannelRequest {
  readonly Channel: string
}

export interface GetChannelResponse {
  readonly ChannelArn?: string | undefined
  readonly Name?: string | undefined
  readonly Source?: string | undefined
  readonly SourceConfig?: SourceConfig | undefined
  readonly Destinations?: readonly Destination[] | undefined
  readonly IngestionStatus?: IngestionStatus | undefined
}

export interface GetDashboardRequest {
  readonly DashboardId: string
}

export interface GetDashboardResponse {
  readonly DashboardArn?: string | undefined
  readonly Type?: DashboardType | undefined
  readonly Status?: DashboardStatus | undefined
  readonly Widgets?: readonly Widget[] | undefined
  readonly RefreshSchedule?: RefreshSchedule | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly LastRefreshId?: string | undefined
  readonly LastRefreshFailureReason?: string | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
}

export interface GetEventConfigurationRequest {
  readonly TrailName?: string | undefined
  readonly EventDataStore?: string | undefined
}

export interface GetEventConfigurationResponse {
  readonly TrailARN?: string | undefined
  readonly EventDataStoreArn?: string | undefined
  readonly MaxEventSize?: MaxEventSize | undefined
  readonly ContextKeySelectors?: readonly ContextKeySelector[] | undefined
  readonly AggregationConfigurations?: readonly AggregationConfiguration[] | undefined
}

export interface GetEventDataStoreRequest {
  readonly EventDataStore: string
}

export interface GetEventDataStoreResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly Name?: string | undefined
  readonly Status?: EventDataStoreStatus | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly KmsKeyId?: string | undefined
  readonly BillingMode?: BillingMode | undefined
  readonly FederationStatus?: FederationStatus | undefined
  readonly FederationRoleArn?: string | undefined
  readonly PartitionKeys?: readonly PartitionKey[] | undefined
}

export interface GetEventSelectorsRequest {
  readonly TrailName: string
}

export interface GetEventSelectorsResponse {
  readonly TrailARN?: string | undefined
  readonly EventSelectors?: readonly EventSelector[] | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
}

export interface GetImportRequest {
  readonly ImportId: string
}

export interface GetImportResponse {
  readonly ImportId?: string | undefined
  readonly Destinations?: readonly string[] | undefined
  readonly ImportSource?: ImportSource | undefined
  readonly StartEventTime?: number | undefined
  readonly EndEventTime?: number | undefined
  readonly ImportStatus?: ImportStatus | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly ImportStatistics?: ImportStatistics | undefined
}

export interface GetInsightSelectorsRequest {
  readonly TrailName?: string | undefined
  readonly EventDataStore?: string | undefined
}

export interface GetInsightSelectorsResponse {
  readonly TrailARN?: string | undefined
  readonly InsightSelectors?: readonly InsightSelector[] | undefined
  readonly EventDataStoreArn?: string | undefined
  readonly InsightsDestination?: string | undefined
}

export interface GetQueryResultsRequest {
  readonly EventDataStore?: string | undefined
  readonly QueryId: string
  readonly NextToken?: string | undefined
  readonly MaxQueryResults?: number | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface GetQueryResultsResponse {
  readonly QueryStatus?: QueryStatus | undefined
  readonly QueryStatistics?: QueryStatistics | undefined
  readonly QueryResultRows?: readonly (readonly Readonly<Record<string, string>>[])[] | undefined
  readonly NextToken?: string | undefined
  readonly ErrorMessage?: string | undefined
}

export interface GetResourcePolicyRequest {
  readonly ResourceArn: string
}

export interface GetResourcePolicyResponse {
  readonly ResourceArn?: string | undefined
  readonly ResourcePolicy?: string | undefined
  readonly DelegatedAdminResourcePolicy?: string | undefined
}

export interface GetTrailRequest {
  readonly Name: string
}

export interface GetTrailResponse {
  readonly Trail?: Trail | undefined
}

export interface GetTrailStatusRequest {
  readonly Name: string
}

export interface GetTrailStatusResponse {
  readonly IsLogging?: boolean | undefined
  readonly LatestDeliveryError?: string | undefined
  readonly LatestNotificationError?: string | undefined
  readonly LatestDeliveryTime?: number | undefined
  readonly LatestNotificationTime?: number | undefined
  readonly StartLoggingTime?: number | undefined
  readonly StopLoggingTime?: number | undefined
  readonly LatestCloudWatchLogsDeliveryError?: string | undefined
  readonly LatestCloudWatchLogsDeliveryTime?: number | undefined
  readonly LatestDigestDeliveryTime?: number | undefined
  readonly LatestDigestDeliveryError?: string | undefined
  readonly LatestDeliveryAttemptTime?: string | undefined
  readonly LatestNotificationAttemptTime?: string | undefined
  readonly LatestNotificationAttemptSucceeded?: string | undefined
  readonly LatestDeliveryAttemptSucceeded?: string | undefined
  readonly TimeLoggingStarted?: string | undefined
  readonly TimeLoggingStopped?: string | undefined
}

export interface ImportFailureListItem {
  readonly Location?: string | undefined
  readonly Status?: ImportFailureStatus | undefined
  readonly ErrorType?: string | undefined
  readonly ErrorMessage?: string | undefined
  readonly LastUpdatedTime?: number | undefined
}

export type ImportFailureStatus = 'FAILED' | 'RETRY' | 'SUCCEEDED'

export interface ImportSource {
  readonly S3: S3ImportSource
}

export interface ImportStatistics {
  readonly PrefixesFound?: number | undefined
  readonly PrefixesCompleted?: number | undefined
  readonly FilesCompleted?: number | undefined
  readonly EventsCompleted?: number | undefined
  readonly FailedEntries?: number | undefined
}

export type ImportStatus = 'INITIALIZING' | 'IN_PROGRESS' | 'FAILED' | 'STOPPED' | 'COMPLETED'

export interface ImportsListItem {
  readonly ImportId?: string | undefined
  readonly ImportStatus?: ImportStatus | undefined
  readonly Destinations?: readonly string[] | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
}

export interface IngestionStatus {
  readonly LatestIngestionSuccessTime?: number | undefined
  readonly LatestIngestionSuccessEventID?: string | undefined
  readonly LatestIngestionErrorCode?: string | undefined
  readonly LatestIngestionAttemptTime?: number | undefined
  readonly LatestIngestionAttemptEventID?: string | undefined
}

export interface InsightSelector {
  readonly InsightType?: InsightType | undefined
  readonly EventCategories?: readonly SourceEventCategory[] | undefined
}

export type InsightType = 'ApiCallRateInsight' | 'ApiErrorRateInsight'

export type InsightsMetricDataType = 'FillWithZeros' | 'NonZeroData'

export interface ListChannelsRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface ListChannelsResponse {
  readonly Channels?: readonly Channel[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListDashboardsRequest {
  readonly NamePrefix?: string | undefined
  readonly Type?: DashboardType | undefined
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

export interface ListDashboardsResponse {
  readonly Dashboards?: readonly DashboardDetail[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListEventDataStoresRequest {
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

export interface ListEventDataStoresResponse {
  readonly EventDataStores?: readonly EventDataStore[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListImportFailuresRequest {
  readonly ImportId: string
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface ListImportFailuresResponse {
  readonly Failures?: readonly ImportFailureListItem[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListImportsRequest {
  readonly MaxResults?: number | undefined
  readonly Destination?: string | undefined
  readonly ImportStatus?: ImportStatus | undefined
  readonly NextToken?: string | undefined
}

export interface ListImportsResponse {
  readonly Imports?: readonly ImportsListItem[] | undefined
  readonly NextToken?: string | undefined
}

export type ListInsightsDataDimensionKey = 'EventId' | 'EventName' | 'EventSource'

export interface ListInsightsDataRequest {
  readonly InsightSource: string
  readonly DataType: ListInsightsDataType
  readonly Dimensions?: Readonly<Record<string, string>> | undefined
  readonly StartTime?: number | undefined
  readonly EndTime?: number | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface ListInsightsDataResponse {
  readonly Events?: readonly Event[] | undefined
  readonly NextToken?: string | undefined
}

export type ListInsightsDataType = 'InsightsEvents'

export interface ListInsightsMetricDataRequest {
  readonly TrailName?: string | undefined
  readonly EventSource: string
  readonly EventName: string
  readonly InsightType: InsightType
  readonly ErrorCode?: string | undefined
  readonly StartTime?: number | undefined
  readonly EndTime?: number | undefined
  readonly Period?: number | undefined
  readonly DataType?: InsightsMetricDataType | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface ListInsightsMetricDataResponse {
  readonly TrailARN?: string | undefined
  readonly EventSource?: string | undefined
  readonly EventName?: string | undefined
  readonly InsightType?: InsightType | undefined
  readonly ErrorCode?: string | undefined
  readonly Timestamps?: readonly number[] | undefined
  readonly Values?: readonly number[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListPublicKeysRequest {
  readonly StartTime?: number | undefined
  readonly EndTime?: number | undefined
  readonly NextToken?: string | undefined
}

export interface ListPublicKeysResponse {
  readonly PublicKeyList?: readonly PublicKey[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListQueriesRequest {
  readonly EventDataStore: string
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
  readonly StartTime?: number | undefined
  readonly EndTime?: number | undefined
  readonly QueryStatus?: QueryStatus | undefined
}

export interface ListQueriesResponse {
  readonly Queries?: readonly Query[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListTagsRequest {
  readonly ResourceIdList: readonly string[]
  readonly NextToken?: string | undefined
}

export interface ListTagsResponse {
  readonly ResourceTagList?: readonly ResourceTag[] | undefined
  readonly NextToken?: string | undefined
}

export interface ListTrailsRequest {
  readonly NextToken?: string | undefined
}

export interface ListTrailsResponse {
  readonly Trails?: readonly TrailInfo[] | undefined
  readonly NextToken?: string | undefined
}

export interface LookupAttribute {
  readonly AttributeKey: LookupAttributeKey
  readonly AttributeValue: string
}

export type LookupAttributeKey = 'EventId' | 'EventName' | 'ReadOnly' | 'Username' | 'ResourceType' | 'ResourceName' | 'EventSource' | 'AccessKeyId'

export interface LookupEventsRequest {
  readonly LookupAttributes?: readonly LookupAttribute[] | undefined
  readonly StartTime?: number | undefined
  readonly EndTime?: number | undefined
  readonly EventCategory?: EventCategory | undefined
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface LookupEventsResponse {
  readonly Events?: readonly Event[] | undefined
  readonly NextToken?: string | undefined
}

export type MaxEventSize = 'Standard' | 'Large'

export interface PartitionKey {
  readonly Name: string
  readonly Type: string
}

export interface PublicKey {
  readonly Value?: Uint8Array | undefined
  readonly ValidityStartTime?: number | undefined
  readonly ValidityEndTime?: number | undefined
  readonly Fingerprint?: string | undefined
}

export interface PutEventConfigurationRequest {
  readonly TrailName?: string | undefined
  readonly EventDataStore?: string | undefined
  readonly MaxEventSize?: MaxEventSize | undefined
  readonly ContextKeySelectors?: readonly ContextKeySelector[] | undefined
  readonly AggregationConfigurations?: readonly AggregationConfiguration[] | undefined
}

export interface PutEventConfigurationResponse {
  readonly TrailARN?: string | undefined
  readonly EventDataStoreArn?: string | undefined
  readonly MaxEventSize?: MaxEventSize | undefined
  readonly ContextKeySelectors?: readonly ContextKeySelector[] | undefined
  readonly AggregationConfigurations?: readonly AggregationConfiguration[] | undefined
}

export interface PutEventSelectorsRequest {
  readonly TrailName: string
  readonly EventSelectors?: readonly EventSelector[] | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
}

export interface PutEventSelectorsResponse {
  readonly TrailARN?: string | undefined
  readonly EventSelectors?: readonly EventSelector[] | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
}

export interface PutInsightSelectorsRequest {
  readonly TrailName?: string | undefined
  readonly InsightSelectors: readonly InsightSelector[]
  readonly EventDataStore?: string | undefined
  readonly InsightsDestination?: string | undefined
}

export interface PutInsightSelectorsResponse {
  readonly TrailARN?: string | undefined
  readonly InsightSelectors?: readonly InsightSelector[] | undefined
  readonly EventDataStoreArn?: string | undefined
  readonly InsightsDestination?: string | undefined
}

export interface PutResourcePolicyRequest {
  readonly ResourceArn: string
  readonly ResourcePolicy: string
}

export interface PutResourcePolicyResponse {
  readonly ResourceArn?: string | undefined
  readonly ResourcePolicy?: string | undefined
  readonly DelegatedAdminResourcePolicy?: string | undefined
}

export interface Query {
  readonly QueryId?: string | undefined
  readonly QueryStatus?: QueryStatus | undefined
  readonly CreationTime?: number | undefined
}

export interface QueryStatistics {
  readonly ResultsCount?: number | undefined
  readonly TotalResultsCount?: number | undefined
  readonly BytesScanned?: number | undefined
}

export interface QueryStatisticsForDescribeQuery {
  readonly EventsMatched?: number | undefined
  readonly EventsScanned?: number | undefined
  readonly BytesScanned?: number | undefined
  readonly ExecutionTimeInMillis?: number | undefined
  readonly CreationTime?: number | undefined
}

export type QueryStatus = 'QUEUED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT'

export type ReadWriteType = 'ReadOnly' | 'WriteOnly' | 'All'

export interface RefreshSchedule {
  readonly Frequency?: RefreshScheduleFrequency | undefined
  readonly Status?: RefreshScheduleStatus | undefined
  readonly TimeOfDay?: string | undefined
}

export interface RefreshScheduleFrequency {
  readonly Unit?: RefreshScheduleFrequencyUnit | undefined
  readonly Value?: number | undefined
}

export type RefreshScheduleFrequencyUnit = 'HOURS' | 'DAYS'

export type RefreshScheduleStatus = 'ENABLED' | 'DISABLED'

export interface RegisterOrganizationDelegatedAdminRequest {
  readonly MemberAccountId: string
}

export type RegisterOrganizationDelegatedAdminResponse = Readonly<Record<string, never>>

export interface RemoveTagsRequest {
  readonly ResourceId: string
  readonly TagsList: readonly Tag[]
}

export type RemoveTagsResponse = Readonly<Record<string, never>>

export interface RequestWidget {
  readonly QueryStatement: string
  readonly QueryParameters?: readonly string[] | undefined
  readonly ViewProperties: Readonly<Record<string, string>>
}

export interface Resource {
  readonly ResourceType?: string | undefined
  readonly ResourceName?: string | undefined
}

export interface ResourceTag {
  readonly ResourceId?: string | undefined
  readonly TagsList?: readonly Tag[] | undefined
}

export interface RestoreEventDataStoreRequest {
  readonly EventDataStore: string
}

export interface RestoreEventDataStoreResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly Name?: string | undefined
  readonly Status?: EventDataStoreStatus | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly KmsKeyId?: string | undefined
  readonly BillingMode?: BillingMode | undefined
}

export interface S3ImportSource {
  readonly S3LocationUri: string
  readonly S3BucketRegion: string
  readonly S3BucketAccessRoleArn: string
}

export interface SearchSampleQueriesRequest {
  readonly SearchPhrase: string
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface SearchSampleQueriesResponse {
  readonly SearchResults?: readonly SearchSampleQueriesSearchResult[] | undefined
  readonly NextToken?: string | undefined
}

export interface SearchSampleQueriesSearchResult {
  readonly Name?: string | undefined
  readonly Description?: string | undefined
  readonly SQL?: string | undefined
  readonly Relevance?: number | undefined
}

export interface SourceConfig {
  readonly ApplyToAllRegions?: boolean | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
}

export type SourceEventCategory = 'Management' | 'Data'

export interface StartDashboardRefreshRequest {
  readonly DashboardId: string
  readonly QueryParameterValues?: Readonly<Record<string, string>> | undefined
}

export interface StartDashboardRefreshResponse {
  readonly RefreshId?: string | undefined
}

export interface StartEventDataStoreIngestionRequest {
  readonly EventDataStore: string
}

export type StartEventDataStoreIngestionResponse = Readonly<Record<string, never>>

export interface StartImportRequest {
  readonly Destinations?: readonly string[] | undefined
  readonly ImportSource?: ImportSource | undefined
  readonly StartEventTime?: number | undefined
  readonly EndEventTime?: number | undefined
  readonly ImportId?: string | undefined
}

export interface StartImportResponse {
  readonly ImportId?: string | undefined
  readonly Destinations?: readonly string[] | undefined
  readonly ImportSource?: ImportSource | undefined
  readonly StartEventTime?: number | undefined
  readonly EndEventTime?: number | undefined
  readonly ImportStatus?: ImportStatus | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
}

export interface StartLoggingRequest {
  readonly Name: string
}

export type StartLoggingResponse = Readonly<Record<string, never>>

export interface StartQueryRequest {
  readonly QueryStatement?: string | undefined
  readonly DeliveryS3Uri?: string | undefined
  readonly QueryAlias?: string | undefined
  readonly QueryParameters?: readonly string[] | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface StartQueryResponse {
  readonly QueryId?: string | undefined
  readonly EventDataStoreOwnerAccountId?: string | undefined
}

export interface StopEventDataStoreIngestionRequest {
  readonly EventDataStore: string
}

export type StopEventDataStoreIngestionResponse = Readonly<Record<string, never>>

export interface StopImportRequest {
  readonly ImportId: string
}

export interface StopImportResponse {
  readonly ImportId?: string | undefined
  readonly ImportSource?: ImportSource | undefined
  readonly Destinations?: readonly string[] | undefined
  readonly ImportStatus?: ImportStatus | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly StartEventTime?: number | undefined
  readonly EndEventTime?: number | undefined
  readonly ImportStatistics?: ImportStatistics | undefined
}

export interface StopLoggingRequest {
  readonly Name: string
}

export type StopLoggingResponse = Readonly<Record<string, never>>

export interface Tag {
  readonly Key: string
  readonly Value?: string | undefined
}

export type Template = 'API_ACTIVITY' | 'RESOURCE_ACCESS' | 'USER_ACTIONS'

export interface Trail {
  readonly Name?: string | undefined
  readonly S3BucketName?: string | undefined
  readonly S3KeyPrefix?: string | undefined
  readonly SnsTopicName?: string | undefined
  readonly SnsTopicARN?: string | undefined
  readonly IncludeGlobalServiceEvents?: boolean | undefined
  readonly IsMultiRegionTrail?: boolean | undefined
  readonly HomeRegion?: string | undefined
  readonly TrailARN?: string | undefined
  readonly LogFileValidationEnabled?: boolean | undefined
  readonly CloudWatchLogsLogGroupArn?: string | undefined
  readonly CloudWatchLogsRoleArn?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly HasCustomEventSelectors?: boolean | undefined
  readonly HasInsightSelectors?: boolean | undefined
  readonly IsOrganizationTrail?: boolean | undefined
}

export interface TrailInfo {
  readonly TrailARN?: string | undefined
  readonly Name?: string | undefined
  readonly HomeRegion?: string | undefined
}

export type Type = 'TagContext' | 'RequestContext'

export interface UpdateChannelRequest {
  readonly Channel: string
  readonly Destinations?: readonly Destination[] | undefined
  readonly Name?: string | undefined
}

export interface UpdateChannelResponse {
  readonly ChannelArn?: string | undefined
  readonly Name?: string | undefined
  readonly Source?: string | undefined
  readonly Destinations?: readonly Destination[] | undefined
}

export interface UpdateDashboardRequest {
  readonly DashboardId: string
  readonly Widgets?: readonly RequestWidget[] | undefined
  readonly RefreshSchedule?: RefreshSchedule | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
}

export interface UpdateDashboardResponse {
  readonly DashboardArn?: string | undefined
  readonly Name?: string | undefined
  readonly Type?: DashboardType | undefined
  readonly Widgets?: readonly Widget[] | undefined
  readonly RefreshSchedule?: RefreshSchedule | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
}

export interface UpdateEventDataStoreRequest {
  readonly EventDataStore: string
  readonly Name?: string | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly KmsKeyId?: string | undefined
  readonly BillingMode?: BillingMode | undefined
}

export interface UpdateEventDataStoreResponse {
  readonly EventDataStoreArn?: string | undefined
  readonly Name?: string | undefined
  readonly Status?: EventDataStoreStatus | undefined
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined
  readonly MultiRegionEnabled?: boolean | undefined
  readonly OrganizationEnabled?: boolean | undefined
  readonly RetentionPeriod?: number | undefined
  readonly TerminationProtectionEnabled?: boolean | undefined
  readonly CreatedTimestamp?: number | undefined
  readonly UpdatedTimestamp?: number | undefined
  readonly KmsKeyId?: string | undefined
  readonly BillingMode?: BillingMode | undefined
  readonly FederationStatus?: FederationStatus | undefined
  readonly FederationRoleArn?: string | undefined
}

export interface UpdateTrailRequest {
  readonly Name: string
  readonly S3BucketName?: string | undefined
  readonly S3KeyPrefix?: string | undefined
  readonly SnsTopicName?: string | undefined
  readonly IncludeGlobalServiceEvents?: boolean | undefined
  readonly IsMultiRegionTrail?: boolean | undefined
  readonly EnableLogFileValidation?: boolean | undefined
  readonly CloudWatchLogsLogGroupArn?: string | undefined
  readonly CloudWatchLogsRoleArn?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly IsOrganizationTrail?: boolean | undefined
}

export interface UpdateTrailResponse {
  readonly Name?: string | undefined
  readonly S3BucketName?: string | undefined
  readonly S3KeyPrefix?: string | undefined
  readonly SnsTopicName?: string | undefined
  readonly SnsTopicARN?: string | undefined
  readonly IncludeGlobalServiceEvents?: boolean | undefined
  readonly IsMultiRegionTrail?: boolean | undefined
  readonly TrailARN?: string | undefined
  readonly LogFileValidationEnabled?: boolean | undefined
  readonly CloudWatchLogsLogGroupArn?: string | undefined
  readonly CloudWatchLogsRoleArn?: string | undefined
  readonly KmsKeyId?: string | undefined
  readonly IsOrganizationTrail?: boolean | undefined
}

export interface Widget {
  readonly QueryAlias?: string | undefined
  readonly QueryStatement?: string | undefined
  readonly QueryParameters?: readonly string[] | undefined
  readonly ViewProperties?: Readonly<Record<string, string>> | undefined
}

export interface CloudtrailCalls {
  AddTags: { input: AddTagsRequest; output: AddTagsResponse; faults: 'ResourceNotFoundException' | 'CloudTrailARNInvalidException' | 'EventDataStoreARNInvalidException' | 'ChannelARNInvalidException' | 'ResourceTypeNotSupportedException' | 'TagsLimitExceededException' | 'InvalidTrailNameException' | 'InvalidTagParameterException' | 'InactiveEventDataStoreException' | 'EventDataStoreNotFoundException' | 'ChannelNotFoundException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'ConflictException' }
  CancelQuery: { input: CancelQueryRequest; output: CancelQueryResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InactiveQueryException' | 'InvalidParameterException' | 'QueryIdNotFoundException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' | 'ConflictException' }
  CreateChannel: { input: CreateChannelRequest; output: CreateChannelResponse; faults: 'ChannelMaxLimitExceededException' | 'InvalidSourceException' | 'ChannelAlreadyExistsException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreCategoryException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'InvalidTagParameterException' | 'TagsLimitExceededException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  CreateDashboard: { input: CreateDashboardRequest; output: CreateDashboardResponse; faults: 'ConflictException' | 'InvalidTagParameterException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InsufficientEncryptionPolicyException' | 'InvalidQueryStatementException' | 'ServiceQuotaExceededException' | 'UnsupportedOperationException' }
  CreateEventDataStore: { input: CreateEventDataStoreRequest; output: CreateEventDataStoreResponse; faults: 'EventDataStoreAlreadyExistsException' | 'EventDataStoreMaxLimitExceededException' | 'InvalidEventSelectorsException' | 'InvalidParameterException' | 'InvalidTagParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'ConflictException' | 'InsufficientEncryptionPolicyException' | 'InvalidKmsKeyIdException' | 'KmsKeyNotFoundException' | 'KmsException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'NotOrganizationMasterAccountException' | 'OrganizationsNotInUseException' | 'OrganizationNotInAllFeaturesModeException' | 'NoManagementAccountSLRExistsException' | 'ThrottlingException' }
  CreateTrail: { input: CreateTrailRequest; output: CreateTrailResponse; faults: 'MaximumNumberOfTrailsExceededException' | 'TrailAlreadyExistsException' | 'S3BucketDoesNotExistException' | 'InsufficientS3BucketPolicyException' | 'InsufficientSnsTopicPolicyException' | 'InsufficientEncryptionPolicyException' | 'InvalidS3BucketNameException' | 'InvalidS3PrefixException' | 'InvalidSnsTopicNameException' | 'InvalidKmsKeyIdException' | 'InvalidTrailNameException' | 'TrailNotProvidedException' | 'TagsLimitExceededException' | 'InvalidParameterCombinationException' | 'InvalidParameterException' | 'KmsKeyNotFoundException' | 'KmsKeyDisabledException' | 'KmsException' | 'InvalidCloudWatchLogsLogGroupArnException' | 'InvalidCloudWatchLogsRoleArnException' | 'CloudWatchLogsDeliveryUnavailableException' | 'InvalidTagParameterException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'NotOrganizationMasterAccountException' | 'OrganizationsNotInUseException' | 'OrganizationNotInAllFeaturesModeException' | 'NoManagementAccountSLRExistsException' | 'CloudTrailInvalidClientTokenIdException' | 'ConflictException' | 'ThrottlingException' }
  DeleteChannel: { input: DeleteChannelRequest; output: DeleteChannelResponse; faults: 'ChannelARNInvalidException' | 'ChannelNotFoundException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  DeleteDashboard: { input: DeleteDashboardRequest; output: DeleteDashboardResponse; faults: 'ConflictException' | 'ResourceNotFoundException' | 'UnsupportedOperationException' }
  DeleteEventDataStore: { input: DeleteEventDataStoreRequest; output: DeleteEventDataStoreResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'EventDataStoreTerminationProtectedException' | 'EventDataStoreHasOngoingImportException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'ChannelExistsForEDSException' | 'InsufficientDependencyServiceAccessPermissionException' | 'ConflictException' | 'EventDataStoreFederationEnabledException' }
  DeleteResourcePolicy: { input: DeleteResourcePolicyRequest; output: DeleteResourcePolicyResponse; faults: 'ResourceARNNotValidException' | 'ResourceNotFoundException' | 'ResourcePolicyNotFoundException' | 'ResourceTypeNotSupportedException' | 'ConflictException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  DeleteTrail: { input: DeleteTrailRequest; output: DeleteTrailResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'ConflictException' | 'ThrottlingException' | 'InvalidHomeRegionException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' }
  DeregisterOrganizationDelegatedAdmin: { input: DeregisterOrganizationDelegatedAdminRequest; output: DeregisterOrganizationDelegatedAdminResponse; faults: 'AccountNotFoundException' | 'AccountNotRegisteredException' | 'CloudTrailAccessNotEnabledException' | 'ConflictException' | 'InsufficientDependencyServiceAccessPermissionException' | 'InvalidParameterException' | 'NotOrganizationManagementAccountException' | 'OrganizationNotInAllFeaturesModeException' | 'OrganizationsNotInUseException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  DescribeQuery: { input: DescribeQueryRequest; output: DescribeQueryResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'QueryIdNotFoundException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  DescribeTrails: { input: DescribeTrailsRequest; output: DescribeTrailsResponse; faults: 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'NoManagementAccountSLRExistsException' }
  DisableFederation: { input: DisableFederationRequest; output: DisableFederationResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidParameterException' | 'InactiveEventDataStoreException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'OrganizationsNotInUseException' | 'OrganizationNotInAllFeaturesModeException' | 'ConcurrentModificationException' | 'AccessDeniedException' }
  EnableFederation: { input: EnableFederationRequest; output: EnableFederationResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidParameterException' | 'InactiveEventDataStoreException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'OrganizationsNotInUseException' | 'OrganizationNotInAllFeaturesModeException' | 'ConcurrentModificationException' | 'AccessDeniedException' | 'EventDataStoreFederationEnabledException' }
  GenerateQuery: { input: GenerateQueryRequest; output: GenerateQueryResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'GenerateResponseException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  GetChannel: { input: GetChannelRequest; output: GetChannelResponse; faults: 'ChannelARNInvalidException' | 'ChannelNotFoundException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  GetDashboard: { input: GetDashboardRequest; output: GetDashboardResponse; faults: 'ResourceNotFoundException' | 'UnsupportedOperationException' }
  GetEventConfiguration: { input: GetEventConfigurationRequest; output: GetEventConfigurationResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreStatusException' | 'InvalidParameterException' | 'InvalidEventDataStoreCategoryException' | 'NoManagementAccountSLRExistsException' | 'InvalidParameterCombinationException' }
  GetEventDataStore: { input: GetEventDataStoreRequest; output: GetEventDataStoreResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  GetEventSelectors: { input: GetEventSelectorsRequest; output: GetEventSelectorsResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NoManagementAccountSLRExistsException' }
  GetImport: { input: GetImportRequest; output: GetImportResponse; faults: 'ImportNotFoundException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  GetInsightSelectors: { input: GetInsightSelectorsRequest; output: GetInsightSelectorsResponse; faults: 'InvalidParameterException' | 'InvalidParameterCombinationException' | 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'InsightNotEnabledException' | 'NoManagementAccountSLRExistsException' | 'ThrottlingException' }
  GetQueryResults: { input: GetQueryResultsRequest; output: GetQueryResultsResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InvalidMaxResultsException' | 'InvalidNextTokenException' | 'InvalidParameterException' | 'QueryIdNotFoundException' | 'InsufficientEncryptionPolicyException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  GetResourcePolicy: { input: GetResourcePolicyRequest; output: GetResourcePolicyResponse; faults: 'ResourceARNNotValidException' | 'ResourceNotFoundException' | 'ResourcePolicyNotFoundException' | 'ResourceTypeNotSupportedException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  GetTrail: { input: GetTrailRequest; output: GetTrailResponse; faults: 'CloudTrailARNInvalidException' | 'TrailNotFoundException' | 'InvalidTrailNameException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  GetTrailStatus: { input: GetTrailStatusRequest; output: GetTrailStatusResponse; faults: 'CloudTrailARNInvalidException' | 'TrailNotFoundException' | 'InvalidTrailNameException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  ListChannels: { input: ListChannelsRequest; output: ListChannelsResponse; faults: 'InvalidNextTokenException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  ListDashboards: { input: ListDashboardsRequest; output: ListDashboardsResponse; faults: 'UnsupportedOperationException' }
  ListEventDataStores: { input: ListEventDataStoresRequest; output: ListEventDataStoresResponse; faults: 'InvalidMaxResultsException' | 'InvalidNextTokenException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  ListImportFailures: { input: ListImportFailuresRequest; output: ListImportFailuresResponse; faults: 'InvalidNextTokenException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'InvalidParameterException' }
  ListImports: { input: ListImportsRequest; output: ListImportsResponse; faults: 'EventDataStoreARNInvalidException' | 'InvalidNextTokenException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  ListInsightsData: { input: ListInsightsDataRequest; output: ListInsightsDataResponse; faults: 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  ListInsightsMetricData: { input: ListInsightsMetricDataRequest; output: ListInsightsMetricDataResponse; faults: 'InvalidParameterException' | 'InvalidTrailNameException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  ListPublicKeys: { input: ListPublicKeysRequest; output: ListPublicKeysResponse; faults: 'InvalidTimeRangeException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'InvalidTokenException' }
  ListQueries: { input: ListQueriesRequest; output: ListQueriesResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InvalidDateRangeException' | 'InvalidMaxResultsException' | 'InvalidNextTokenException' | 'InvalidParameterException' | 'InvalidQueryStatusException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  ListTags: { input: ListTagsRequest; output: ListTagsResponse; faults: 'ResourceNotFoundException' | 'CloudTrailARNInvalidException' | 'EventDataStoreARNInvalidException' | 'ChannelARNInvalidException' | 'ResourceTypeNotSupportedException' | 'InvalidTrailNameException' | 'InactiveEventDataStoreException' | 'EventDataStoreNotFoundException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'InvalidTokenException' | 'NoManagementAccountSLRExistsException' }
  ListTrails: { input: ListTrailsRequest; output: ListTrailsResponse; faults: 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  LookupEvents: { input: LookupEventsRequest; output: LookupEventsResponse; faults: 'InvalidLookupAttributesException' | 'InvalidTimeRangeException' | 'InvalidMaxResultsException' | 'InvalidNextTokenException' | 'InvalidEventCategoryException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  PutEventConfiguration: { input: PutEventConfigurationRequest; output: PutEventConfigurationResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'InvalidParameterCombinationException' | 'InvalidHomeRegionException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreStatusException' | 'InvalidEventDataStoreCategoryException' | 'InactiveEventDataStoreException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'ThrottlingException' | 'InvalidParameterException' | 'ConflictException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' | 'InsufficientIAMAccessPermissionException' }
  PutEventSelectors: { input: PutEventSelectorsRequest; output: PutEventSelectorsResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'InvalidHomeRegionException' | 'InvalidEventSelectorsException' | 'ConflictException' | 'ThrottlingException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' }
  PutInsightSelectors: { input: PutInsightSelectorsRequest; output: PutInsightSelectorsResponse; faults: 'InvalidParameterException' | 'InvalidParameterCombinationException' | 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'InvalidHomeRegionException' | 'InvalidInsightSelectorsException' | 'InsufficientS3BucketPolicyException' | 'InsufficientEncryptionPolicyException' | 'S3BucketDoesNotExistException' | 'KmsException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'ThrottlingException' }
  PutResourcePolicy: { input: PutResourcePolicyRequest; output: PutResourcePolicyResponse; faults: 'ResourceARNNotValidException' | 'ResourcePolicyNotValidException' | 'ResourceNotFoundException' | 'ResourceTypeNotSupportedException' | 'ConflictException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  RegisterOrganizationDelegatedAdmin: { input: RegisterOrganizationDelegatedAdminRequest; output: RegisterOrganizationDelegatedAdminResponse; faults: 'AccountRegisteredException' | 'AccountNotFoundException' | 'InsufficientDependencyServiceAccessPermissionException' | 'InvalidParameterException' | 'CannotDelegateManagementAccountException' | 'CloudTrailAccessNotEnabledException' | 'ConflictException' | 'DelegatedAdminAccountLimitExceededException' | 'NotOrganizationManagementAccountException' | 'OrganizationNotInAllFeaturesModeException' | 'OrganizationsNotInUseException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'InsufficientIAMAccessPermissionException' }
  RemoveTags: { input: RemoveTagsRequest; output: RemoveTagsResponse; faults: 'ResourceNotFoundException' | 'CloudTrailARNInvalidException' | 'EventDataStoreARNInvalidException' | 'ChannelARNInvalidException' | 'ResourceTypeNotSupportedException' | 'InvalidTrailNameException' | 'InvalidTagParameterException' | 'InactiveEventDataStoreException' | 'EventDataStoreNotFoundException' | 'ChannelNotFoundException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'ConflictException' }
  RestoreEventDataStore: { input: RestoreEventDataStoreRequest; output: RestoreEventDataStoreResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'EventDataStoreMaxLimitExceededException' | 'InvalidEventDataStoreStatusException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'OrganizationsNotInUseException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'OrganizationNotInAllFeaturesModeException' }
  SearchSampleQueries: { input: SearchSampleQueriesRequest; output: SearchSampleQueriesResponse; faults: 'InvalidParameterException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' }
  StartDashboardRefresh: { input: StartDashboardRefreshRequest; output: StartDashboardRefreshResponse; faults: 'ResourceNotFoundException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'ServiceQuotaExceededException' | 'UnsupportedOperationException' }
  StartEventDataStoreIngestion: { input: StartEventDataStoreIngestionRequest; output: StartEventDataStoreIngestionResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreStatusException' | 'InvalidParameterException' | 'InvalidEventDataStoreCategoryException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' | 'ConflictException' }
  StartImport: { input: StartImportRequest; output: StartImportResponse; faults: 'AccountHasOngoingImportException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreStatusException' | 'InvalidEventDataStoreCategoryException' | 'InactiveEventDataStoreException' | 'InvalidImportSourceException' | 'ImportNotFoundException' | 'InvalidParameterException' | 'InsufficientEncryptionPolicyException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  StartLogging: { input: StartLoggingRequest; output: StartLoggingResponse; faults: 'CloudTrailARNInvalidException' | 'ConflictException' | 'ThrottlingException' | 'TrailNotFoundException' | 'InvalidTrailNameException' | 'InvalidHomeRegionException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' }
  StartQuery: { input: StartQueryRequest; output: StartQueryResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'InvalidQueryStatementException' | 'MaxConcurrentQueriesException' | 'InsufficientEncryptionPolicyException' | 'InvalidS3PrefixException' | 'InvalidS3BucketNameException' | 'InsufficientS3BucketPolicyException' | 'S3BucketDoesNotExistException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NoManagementAccountSLRExistsException' }
  StopEventDataStoreIngestion: { input: StopEventDataStoreIngestionRequest; output: StopEventDataStoreIngestionResponse; faults: 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreStatusException' | 'InvalidParameterException' | 'InvalidEventDataStoreCategoryException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' | 'ConflictException' }
  StopImport: { input: StopImportRequest; output: StopImportResponse; faults: 'ImportNotFoundException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  StopLogging: { input: StopLoggingRequest; output: StopLoggingResponse; faults: 'TrailNotFoundException' | 'InvalidTrailNameException' | 'CloudTrailARNInvalidException' | 'ConflictException' | 'ThrottlingException' | 'InvalidHomeRegionException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'InsufficientDependencyServiceAccessPermissionException' }
  UpdateChannel: { input: UpdateChannelRequest; output: UpdateChannelResponse; faults: 'ChannelARNInvalidException' | 'ChannelNotFoundException' | 'ChannelAlreadyExistsException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventDataStoreCategoryException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' }
  UpdateDashboard: { input: UpdateDashboardRequest; output: UpdateDashboardResponse; faults: 'ConflictException' | 'ResourceNotFoundException' | 'EventDataStoreNotFoundException' | 'InactiveEventDataStoreException' | 'InsufficientEncryptionPolicyException' | 'InvalidQueryStatementException' | 'ServiceQuotaExceededException' | 'UnsupportedOperationException' }
  UpdateEventDataStore: { input: UpdateEventDataStoreRequest; output: UpdateEventDataStoreResponse; faults: 'EventDataStoreAlreadyExistsException' | 'EventDataStoreARNInvalidException' | 'EventDataStoreNotFoundException' | 'InvalidEventSelectorsException' | 'InvalidInsightSelectorsException' | 'EventDataStoreHasOngoingImportException' | 'InactiveEventDataStoreException' | 'InvalidParameterException' | 'OperationNotPermittedException' | 'UnsupportedOperationException' | 'InsufficientEncryptionPolicyException' | 'InvalidKmsKeyIdException' | 'KmsKeyNotFoundException' | 'KmsException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'OrganizationsNotInUseException' | 'NotOrganizationMasterAccountException' | 'NoManagementAccountSLRExistsException' | 'OrganizationNotInAllFeaturesModeException' | 'ConflictException' | 'ThrottlingException' }
  UpdateTrail: { input: UpdateTrailRequest; output: UpdateTrailResponse; faults: 'S3BucketDoesNotExistException' | 'InsufficientS3BucketPolicyException' | 'InsufficientSnsTopicPolicyException' | 'InsufficientEncryptionPolicyException' | 'TrailNotFoundException' | 'InvalidS3BucketNameException' | 'InvalidS3PrefixException' | 'InvalidSnsTopicNameException' | 'InvalidKmsKeyIdException' | 'InvalidTrailNameException' | 'TrailNotProvidedException' | 'InvalidEventSelectorsException' | 'CloudTrailARNInvalidException' | 'ConflictException' | 'ThrottlingException' | 'InvalidParameterCombinationException' | 'InvalidHomeRegionException' | 'KmsKeyNotFoundException' | 'KmsKeyDisabledException' | 'KmsException' | 'InvalidCloudWatchLogsLogGroupArnException' | 'InvalidCloudWatchLogsRoleArnException' | 'CloudWatchLogsDeliveryUnavailableException' | 'UnsupportedOperationException' | 'OperationNotPermittedException' | 'CloudTrailAccessNotEnabledException' | 'InsufficientDependencyServiceAccessPermissionException' | 'OrganizationsNotInUseException' | 'NotOrganizationMasterAccountException' | 'OrganizationNotInAllFeaturesModeException' | 'NoManagementAccountSLRExistsException' | 'CloudTrailInvalidClientTokenIdException' | 'InvalidParameterException' }
}
