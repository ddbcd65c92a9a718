"""SAP as a source of facts: RFC and OData, one reading."""
