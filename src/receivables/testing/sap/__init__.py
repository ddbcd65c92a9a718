"""SAP without SAP: books that post and clear as FI does, behind a wire, a fake connection, or an OData service."""
