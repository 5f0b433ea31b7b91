"""An RDS for PostgreSQL database in the private subnets of the cell, for one app and its workers.

Copy this file to extensions/__init__.py, and change the constants. The workloads need the database
in `reaches`: {cidr: CIDR of the VPC, port: 5432}.
"""

import ipaddress

import pulumi
import pulumi_aws as aws

from components.extension import Cell

WORKLOADS = ("web",)
"""Workloads that connect to the database: an app, its workers and its scheduler."""
NAME = "app"
"""Name of the database in the instance, and of its first user."""
ENGINE = "17"
"""Major version of PostgreSQL; RDS updates the minor version in the maintenance window.
https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html"""
INSTANCE = "db.m7g.large"
"""Instance class of the writer and of its standby."""
STORAGE, MAX_STORAGE = 100, 500
"""GiB of storage at first, and at most."""
PORT = 5432
LOGS, LOG_DAYS = ("postgresql", "upgrade"), 90


def extend(cell: Cell, opts: pulumi.ResourceOptions) -> None:
    """Creates the database, and exports its address and the ARN of the secret of its user."""
    check_reach(cell)
    protected = bool(cell.settings.protected)
    identifier = f"{cell.context.cell}-database"
    key = aws.kms.Key(
        "database",
        description=f"Database of {cell.context.cell}",
        enable_key_rotation=True,
        opts=opts,
    )
    subnets = aws.rds.SubnetGroup(
        "database", subnet_ids=[*cell.private_subnet_ids.values()], opts=opts
    )
    group = aws.ec2.SecurityGroup(
        "database",
        description="Database: connections from pods of the cell",
        vpc_id=cell.vpc_id,
        opts=opts,
    )
    # All pods have the security group of the nodes; network policies allow WORKLOADS only.
    rule = aws.vpc.SecurityGroupIngressRule(
        "database",
        security_group_id=group.id,
        referenced_security_group_id=cell.security_group_id,
        ip_protocol="tcp",
        from_port=PORT,
        to_port=PORT,
        opts=opts,
    )
    parameters = aws.rds.ParameterGroup(
        "database",
        family=f"postgres{ENGINE}",
        parameters=[{"name": "rds.force_ssl", "value": "1"}],
        opts=opts,
    )
    # RDS creates these log groups without retention and key unless they exist.
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html
    logs = [
        aws.cloudwatch.LogGroup(
            f"database-{kind}",
            name=f"/aws/rds/instance/{identifier}/{kind}",
            retention_in_days=LOG_DAYS,
            kms_key_id=cell.log_key_arn,
            opts=opts,
        )
        for kind in LOGS
    ]
    database = aws.rds.Instance(
        "database",
        identifier=identifier,
        engine="postgres",
        engine_version=ENGINE,
        instance_class=INSTANCE,
        db_name=NAME,
        username=NAME,
        # RDS creates the password in Secrets Manager and rotates it every seven days.
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        manage_master_user_password=True,
        master_user_secret_kms_key_id=key.key_id,
        multi_az=True,
        allocated_storage=STORAGE,
        max_allocated_storage=MAX_STORAGE,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=key.arn,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[group.id],
        publicly_accessible=False,
        port=PORT,
        parameter_group_name=parameters.name,
        backup_retention_period=35 if protected else 7,
        copy_tags_to_snapshot=True,
        auto_minor_version_upgrade=True,
        enabled_cloudwatch_logs_exports=[*LOGS],
        deletion_protection=protected,
        skip_final_snapshot=not protected,
        final_snapshot_identifier=f"{identifier}-final" if protected else None,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*logs, rule])),
    )
    secret = database.master_user_secrets[0]["secret_arn"]
    pulumi.export("database", {"host": database.address, "name": NAME, "secret": secret})


def check_reach(cell: Cell) -> None:
    """Refuses a stack file in which a workload cannot reach the database, or another one can."""
    network = cell.settings.network
    # The program does not know the CIDR of an existing VPC: each address may be in it.
    vpc = ipaddress.ip_network("0.0.0.0/0" if network.existing else network.cidr)
    cidr = "CIDR of the VPC" if network.existing else network.cidr
    able = [
        name
        for name, workload in cell.settings.workloads.items()
        if any(
            reach.port == PORT and ipaddress.ip_network(reach.cidr).overlaps(vpc)
            for reach in workload.reaches
        )
    ]
    if {*able} != {*WORKLOADS}:
        raise pulumi.RunError(
            f"{' and '.join(WORKLOADS)} must have {{cidr: {cidr}, port: {PORT}}} in reaches, and "
            f"no other workload, but {' and '.join(able) or 'no workload'} has it"
        )
