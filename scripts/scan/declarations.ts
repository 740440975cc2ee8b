/** What is scanned: each muster.yaml by name, with every option of the stacks on in one of them, and off in another. */
export const DECLARATIONS: Readonly<Record<string, string>> = {
  plain: "org: {name: demo, region: us-east-1}\nclusters: [{name: alpha, nodes: 2}]\n",
  options: `
org:
  name: demo
  region: us-east-1
  logs: {expireAfterDays: 90, accessLogBucket: acme-access-logs}
images:
  - family: sim
    version: "1.0"
    packages: [gdb]
    steps: [{name: motd, script: "echo hello >/etc/motd"}]
    encrypted: true
    kmsKeys: {us-east-1: alias/images, us-west-2: alias/images}
    regions: [us-west-2]
    accounts: ["123456789012"]
clusters:
  - name: efa
    nodes: 2
    efa: true
    instanceType: c5n.18xlarge
    capacityReservationId: cr-0123456789abcdef0
    rootVolume: {type: io2, iops: 1000}
    jobRoleArn: arn:aws:iam::123456789012:role/research-jobs
    sourceBuckets: [acme-models]
    gitCredentials: [github]
    orgFolder: true
    notebooks:
      - {name: explore, instanceType: t3.large, idleTimeoutMinutes: 0}
  - name: spot
    nodes: 2
    spot: true
    spotMaxPriceUsd: 0.5
    instanceTypes: [c5.xlarge, c5d.xlarge]
    zones: [1, 2]
    proxy: {https: "http://proxy.acme.internal:3128", jobs: true}
    monitoring:
      dashboard: true
      alarms: {notify: ["arn:aws:sns:us-east-1:123456789012:hpc-oncall"]}
`,
  "existing network": `
org:
  name: demo
  region: us-east-1
  network:
    vpcId: vpc-0123456789abcdef0
    subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    endpointRouteTableIds: [rtb-0123456789abcdef0]
clusters: [{name: alpha, nodes: 2}]
`,
};
